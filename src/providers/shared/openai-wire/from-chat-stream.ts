import type { StreamPart } from '../../../core/completion.ts';
import { GatewayError } from '../../../core/errors.ts';
import { toArray, toObject, toText } from '../wire-value.ts';
import { createChatEvents } from './chat-events.ts';
import { fromChatFinishReason } from './chat-finish-reason.ts';
import { fromChatUsage } from './chat-usage.ts';
import { type AboutAnswer, chatText } from './from-chat-completion.ts';
import { createToolCallCollector } from './tool-call-collector.ts';

export type ChatStreamOptions = {
  readonly requestedModel: string;
  /** Is a stream without the vendor's last word a cut one? */
  readonly endsWithDone: boolean;
  /** What else is known of the answer. */
  readonly about: AboutAnswer;
};

/**
 * Reads a stream of `chat.completion.chunk` events. Yields a `finish` only after a finish reason and the
 * vendor's terminal event; without them the stream was cut, and the caller says so.
 */
export async function* fromChatStream(
  body: AsyncIterable<Uint8Array>,
  { requestedModel, endsWithDone, about }: ChatStreamOptions,
): AsyncGenerator<StreamPart> {
  const events = createChatEvents();
  const answer = createAnswerReader(requestedModel);
  for await (const bytes of body) {
    for (const event of events.push(bytes)) {
      for (const part of answer.read(event)) yield part;
    }
  }
  const last = events.end();
  if (last !== undefined) for (const part of answer.read(last)) yield part;
  if (endsWithDone && !events.isDone()) return;
  for (const part of answer.end(about)) yield part;
}

/** Translates events into parts without waiting, which would cost more than the translating. */
function createAnswerReader(requestedModel: string) {
  const calls = createToolCallCollector();
  let finishReason: string | undefined;
  let refusal = false;
  let model = requestedModel;
  let serviceTier: string | undefined;
  return {
    *read(event: unknown): Generator<StreamPart> {
      const chunk = toObject(event);
      model = toText(chunk?.model) || model;
      // Groq reports under `x_groq`, in its last chunk.
      const usage = toObject(chunk?.usage) ?? toObject(toObject(chunk?.x_groq)?.usage);
      serviceTier = toText(chunk?.service_tier) ?? serviceTier;
      if (usage) yield { type: 'usage', usage: fromChatUsage(usage, serviceTier) };
      const choices = toArray(chunk?.choices);
      if (!choices && !usage) throw new GatewayError('malformed_response', 'it sent an event without choices.');
      const choice = toObject(choices?.[0]);
      const delta = toObject(choice?.delta);
      const reasoning = toText(delta?.reasoning_content) ?? toText(delta?.reasoning);
      if (reasoning) yield { type: 'reasoning-delta', text: reasoning };
      const text = chatText(delta?.content);
      if (text) yield { type: 'text-delta', text };
      const refused = toText(delta?.refusal);
      if (refused) {
        refusal = true;
        yield { type: 'text-delta', text: refused, isRefusal: true };
      }
      for (const call of toArray(delta?.tool_calls) ?? []) yield* calls.add(call);
      finishReason = toText(choice?.finish_reason) || finishReason;
    },
    *end(about: AboutAnswer): Generator<StreamPart> {
      if (finishReason === undefined) return;
      const toolCalls = calls.all();
      yield* toolCalls;
      yield {
        type: 'finish',
        finishReason: fromChatFinishReason(finishReason, { refusal, toolCalls: toolCalls.length > 0 }),
        model,
        ...about,
      };
    },
  };
}
