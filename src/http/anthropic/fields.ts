/** What becomes of a field, for the reader of `docs/http-api.md`. */
export type FieldNote = {
  /** `used`: it reaches the model. `accepted`: harmless, without effect. `refused`: a clear 400. */
  readonly treatment: 'used' | 'accepted' | 'refused';
  readonly note: string;
};

/**
 * Every field of a request to `/v1/messages`, and what becomes of it. A field that is not here is refused as
 * unknown; `null` counts as absent. Source: the types of @anthropic-ai/sdk 1.11.0, beta ones included.
 */
export const MESSAGE_FIELDS: ReadonlyMap<string, FieldNote> = new Map<string, FieldNote>([
  [
    'model',
    {
      treatment: 'used',
      note: '`auto`, `auto:<strategy>`, `tier:<tier>`, `provider/model`, a bare known id or an alias.',
    },
  ],
  [
    'messages',
    {
      treatment: 'used',
      note: 'Roles `user`, `assistant` and `system`; blocks `text`, `image` (base64, https URL), `document`, `search_result`, `tool_use`, `tool_result` (what users show, `tool_reference`), `thinking`, `redacted_thinking`. A PDF (base64, https URL) goes to models that read PDFs; other documents and search results are said as text, behind their titles. No citations. Other blocks are refused by name. A system message may also hold `tool_addition` and `tool_removal`, and is not said with `clear_at` once a message of the user follows; of it counts `output_config.effort` too, the last one before that of the request. A last message of role `assistant` (a prefill) is refused: most models begin anew instead of going on.',
    },
  ],
  ['max_tokens', { treatment: 'used', note: 'Required, 1 to 1,000,000.' }],
  ['system', { treatment: 'used', note: 'A text or text blocks.' }],
  ['stream', { treatment: 'used', note: 'Server-sent events.' }],
  [
    'temperature',
    {
      treatment: 'used',
      note: '0 to 1. Claude models take no sampling settings any more: see unsupported parameters.',
    },
  ],
  ['top_p', { treatment: 'used', note: 'From 0 to 1.' }],
  ['top_k', { treatment: 'used', note: 'From 1.' }],
  [
    'stop_sequences',
    {
      treatment: 'used',
      note: 'Up to 64. Only Claude models say that one was met, and which; others report `end_turn`.',
    },
  ],
  [
    'tools',
    {
      treatment: 'used',
      note: "Tools of your own (`type` absent or `custom`), up to 1,000. Tools that live at Anthropic (`web_search_…`, `bash_…`, `computer_…`) are refused by name; searches of the web and code execution beside tools of your own are left out where the policy for unsupported parameters is `drop`. Names have up to 128 characters; for vendors that take 64 longer ones are shortened on the way. `strict` holds models with structured output to a schema that they take as strict. With `defer_loading` the model knows a tool from where a `tool_reference` or a `tool_addition` brings it in, whichever model it is, and from the start beside a `tool_search_tool_…`, Anthropic's own search. `eager_input_streaming` and `input_examples` have no effect.",
    },
  ],
  ['tool_choice', { treatment: 'used', note: '`auto`, `any`, `tool`, `none`; `disable_parallel_tool_use`.' }],
  [
    'thinking',
    {
      treatment: 'used',
      note: '`enabled` with `budget_tokens` from 1,024, `adaptive`, `disabled`, and `between_tools`, which is the same: each model thinks as little as it can. `display` (`summarized`, `omitted`) counts with Claude models from 4.7 on, which leave thoughts out unless asked for them; `updates` and `block_binding` have no effect. Reasoning of other vendors is shown only when thinking is asked for.',
    },
  ],
  ['output_config', { treatment: 'used', note: '`effort`, and `format` of type `json_schema`.' }],
  ['output_format', { treatment: 'used', note: 'The older name of `output_config.format`.' }],
  ['metadata', { treatment: 'used', note: '`user_id`, up to 16 KB.' }],
  [
    'cache_control',
    {
      treatment: 'used',
      note: "Marks the end of the prompt for a prompt cache that is Anthropic's; on blocks and tools too. Others cache by themselves. `scope` has no effect.",
    },
  ],
  ['service_tier', { treatment: 'accepted', note: "The capacity is that of the provider's account." }],
  ['diagnostics', { treatment: 'accepted', note: "The answer's `diagnostics` is null." }],
  [
    'context_management',
    {
      treatment: 'accepted',
      note: 'Edits `clear_thinking_…` and `clear_tool_uses_…`: nothing is cleared, the model sees it all. Other edits are refused.',
    },
  ],
  ['speed', { treatment: 'accepted', note: '`standard`; `fast` is refused.' }],
  ['container', { treatment: 'refused', note: 'Code runs at Anthropic, and only there.' }],
  [
    'mcp_servers',
    { treatment: 'refused', note: 'Connect MCP servers to your client instead. An empty list is accepted.' },
  ],
  ['inference_geo', { treatment: 'refused', note: 'Where a provider computes cannot be promised.' }],
  ['compaction', { treatment: 'refused', note: 'Shorten the conversation in your client.' }],
  ['thread', { treatment: 'refused', note: 'Nothing is stored between requests: send the whole conversation.' }],
  ['billing_policy', { treatment: 'refused', note: "The provider's account pays." }],
  ['fallbacks', { treatment: 'refused', note: 'Fallbacks are configured: `routing.tiers` and `routing.fallback`.' }],
  [
    'fallback_credit_token',
    { treatment: 'refused', note: 'Fallbacks are configured: `routing.tiers` and `routing.fallback`.' },
  ],
]);

/** What says how to answer has no place where nothing is answered. Source: `MessageCountTokensParams` of the SDK. */
export const NOT_COUNTED: readonly string[] = [
  'max_tokens',
  'stream',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'metadata',
];

/** The fields of a request to `/v1/messages/count_tokens`. */
export const COUNTED_FIELDS = new Map([...MESSAGE_FIELDS].filter(([field]) => !NOT_COUNTED.includes(field)));
