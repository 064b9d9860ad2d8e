import type { Completion, StreamPart } from '../../../core/completion.ts';
import { GatewayError } from '../../../core/errors.ts';
import { arrayIn, objectIn, textIn } from '../wire-value.ts';
import { fromChatFinishReason } from './chat-finish-reason.ts';
import { fromChatUsage } from './chat-usage.ts';
import { chatText } from './from-chat-completion.ts';
import { createToolCallCollector } from './tool-call-collector.ts';

export type ChatStreamOptions = {
  readonly requestedModel: string;
  /** Asked at the end: did the vendor's last word come? */
  readonly terminated: () => boolean;
  /** What else is known of the answer at its end. */
  readonly about: () => Pick<Completion, 'providerRequestId' | 'droppedParameters'>;
};

/**
 * Reads `chat.completion.chunk` events. Yields a `finish` only after a finish reason and the
 * vendor's terminal event; without them the stream was cut, and the caller says so.
 */
export async function* fromChatStream(
  chunks: AsyncIterable<unknown>,
  { requestedModel, terminated, about }: ChatStreamOptions,
): AsyncGenerator<StreamPart> {
  const calls = createToolCallCollector();
  let finishReason: string | undefined;
  let refusal = false;
  let model = requestedModel;
  let serviceTier: string | undefined;
  for await (const chunk of chunks) {
    model = textIn(chunk, 'model') || model;
    // Groq reports under `x_groq`, in its last chunk.
    const usage = objectIn(chunk, 'usage') ?? objectIn(objectIn(chunk, 'x_groq'), 'usage');
    serviceTier = textIn(chunk, 'service_tier') ?? serviceTier;
    if (usage) yield { type: 'usage', usage: fromChatUsage(usage, serviceTier) };
    const choices = arrayIn(chunk, 'choices');
    if (!choices && !usage) throw new GatewayError('malformed_response', 'it sent an event without choices.');
    const choice = choices?.[0];
    const delta = objectIn(choice, 'delta');
    const reasoning = textIn(delta, 'reasoning_content') ?? textIn(delta, 'reasoning');
    if (reasoning) yield { type: 'reasoning-delta', text: reasoning };
    const text = chatText(delta?.content);
    if (text) yield { type: 'text-delta', text };
    const refused = textIn(delta, 'refusal');
    if (refused) {
      refusal = true;
      yield { type: 'text-delta', text: refused, isRefusal: true };
    }
    for (const call of arrayIn(delta, 'tool_calls') ?? []) yield* calls.add(call);
    finishReason = textIn(choice, 'finish_reason') || finishReason;
  }
  if (finishReason === undefined || !terminated()) return;
  const toolCalls = calls.all();
  yield* toolCalls;
  yield {
    type: 'finish',
    finishReason: fromChatFinishReason(finishReason, { refusal, toolCalls: toolCalls.length > 0 }),
    model,
    ...about(),
  };
}
