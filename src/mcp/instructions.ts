/** What a client tells its model about this server; clients cut it at 2,048 characters. */
export const INSTRUCTIONS = `Signalbox gives you other language models through one tool, complete.

Use complete to delegate a question, a summary, a translation, code or a second opinion. By default it judges how hard the text is and picks a fitting model; on failure it goes on to the next. Give only what you need to force: model ("provider/model"), provider, tier (trivial to expert), task (reasoning, code, summarize, vision, realtime, local) or strategy (complexity, cost, quality, priority). It sees nothing of this conversation: put all it needs into prompt or messages.

complete spends money. max_cost_usd bounds the cost, by estimate: the answer is cut to what it leaves, or the request refused; route_preview shows model, reason and expected cost beforehand and costs nothing; an identical request is answered from the cache for free unless cache is "refresh" or "off". cost_usd null means the price is unknown, not zero.

For JSON, pass json_schema (an object schema); the parsed answer is in data. For images, pass data: or https: URLs in images. finish_reason "length" means the answer is cut: raise max_output_tokens.

When a call fails, the text says what was tried, whether and when to retry, and what to do instead; follow it rather than repeating the call at once. provider_status shows which providers are up, list_models the exact model names, cost_report what was spent.`;
