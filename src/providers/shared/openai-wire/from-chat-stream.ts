import type { StreamPart } from '../../../core/completion.ts';
import { GatewayError } from '../../../core/errors.ts';
import type { JsonObject } from '../../../core/json/json.ts';
import type { ProviderId } from '../../../core/model.ts';
import { NO_USAGE, totalInputTokens, type Usage } from '../../../core/usage.ts';
import { VendorErrorBody } from '../failures/vendor-error-body.ts';
import { foreignAlone } from '../translation/foreign-content.ts';
import { ToolCallIds } from '../translation/tool-call-id.ts';
import { toArray, toCount, toObject, toText } from '../translation/wire-value.ts';
import { SseEvents } from '../transport/sse-events.ts';
import { refuseFailed } from './chat-failure.ts';
import { fromChatFinishReason } from './chat-finish-reason.ts';
import { fromChatUsage } from './chat-usage.ts';
import { type AboutAnswer, chatReasoning, chatText, foreignKind, toolCallsIn } from './from-chat-completion.ts';
import { ToolCallCollector } from './tool-call-collector.ts';

export type ChatStreamOptions = {
  readonly requestedModel: string;
  /** Is a stream without the vendor's last word a cut one? */
  readonly endsWithDone: boolean;
  /** What else is known of the answer. */
  readonly about: AboutAnswer;
  readonly ids?: ToolCallIds;
  readonly provider?: ProviderId;
};

/**
 * Reads a stream of `chat.completion.chunk` events. Yields a `finish` only after a finish reason and the
 * vendor's terminal event; without them the stream was cut, and the caller says so.
 */
export async function* fromChatStream(
  body: AsyncIterable<Uint8Array>,
  { requestedModel, endsWithDone, about, ids = new ToolCallIds(), provider }: ChatStreamOptions,
): AsyncGenerator<StreamPart> {
  const events = new SseEvents();
  const answer = new AnswerReader(requestedModel, new ToolCallCollector(ids, provider));
  for await (const bytes of body) {
    for (const event of events.push(bytes)) {
      for (const part of answer.read(event)) yield part;
    }
    // Nothing of the answer follows; not every server closes the body at once.
    if (events.isDone) break;
  }
  const last = events.end();
  if (last !== undefined) for (const part of answer.read(last)) yield part;
  if (endsWithDone && !events.isDone) return;
  for (const part of answer.end(about)) yield part;
}

/** Translates events into parts without waiting, which would cost more than the translating. */
class AnswerReader {
  readonly #calls: ToolCallCollector;
  #model: string;
  #finishReason: string | undefined;
  #serviceTier: string | undefined;
  #refusal = false;
  #hasText = false;
  #foreign: string | undefined;
  #usage = NO_USAGE;
  /** That of the first choice that came. */
  #index: number | undefined;

  constructor(requestedModel: string, calls: ToolCallCollector) {
    this.#model = requestedModel;
    this.#calls = calls;
  }

  *read(event: unknown): Generator<StreamPart> {
    const chunk = toObject(event);
    this.#model = toText(chunk?.model) || this.#model;
    // Groq reports under `x_groq`, in its last chunk, which also says why it stopped early.
    const ofGroq = toObject(chunk?.x_groq);
    const choices = toArray(chunk?.choices);
    const choice = this.#ownChoice(choices);
    // Moonshot reports in the choice: github.com/earendil-works/pi/issues/2017.
    const reported = toObject(chunk?.usage) ?? toObject(ofGroq?.usage) ?? toObject(choice?.usage);
    this.#serviceTier = toText(chunk?.service_tier) ?? this.#serviceTier;
    const usage = reported && fromChatUsage(reported, this.#serviceTier);
    // One that counts nothing takes nothing back of what was reported before.
    if (usage && usage.source !== 'none' && (tokensOf(usage) > 0 || tokensOf(this.#usage) === 0)) {
      this.#usage = usage;
      yield { type: 'usage', usage };
    }
    if (!choices && !usage && isPing(event)) return;
    if (!choices && !usage) throw withoutChoices(chunk);
    refuseFailed(choice);
    refuseFailed(ofGroq);
    const delta = toObject(choice?.delta);
    this.#foreign ??= foreignKind(delta);
    const reasoning = chatReasoning(delta);
    if (reasoning) yield { type: 'reasoning-delta', text: reasoning };
    const text = chatText(delta?.content);
    if (text) yield { type: 'text-delta', text };
    this.#hasText ||= Boolean(text);
    const refused = toText(delta?.refusal);
    if (refused) {
      this.#refusal = true;
      yield { type: 'text-delta', text: refused, isRefusal: true };
    }
    this.#calls.addDetails(delta, toText(chunk?.provider) !== undefined);
    for (const call of toolCallsIn(delta)) yield* this.#calls.add(call);
    this.#finishReason = toText(choice?.finish_reason) || this.#finishReason;
  }

  /** One answer was asked for; a server that sends several at once does not get them mixed. Not all count from 0. */
  #ownChoice(choices: readonly unknown[] | undefined): JsonObject | undefined {
    for (const entry of choices ?? []) {
      const choice = toObject(entry);
      const index = toCount(choice?.index);
      this.#index ??= index;
      if (index === undefined || index === this.#index) return choice;
    }
    return undefined;
  }

  *end(about: AboutAnswer): Generator<StreamPart> {
    if (this.#finishReason === undefined) return;
    const toolCalls = this.#calls.all();
    const isEmpty = !this.#hasText && !this.#refusal && toolCalls.length === 0;
    if (isEmpty && this.#foreign !== undefined) throw foreignAlone(this.#foreign, this.#usage);
    yield* toolCalls;
    yield {
      type: 'finish',
      finishReason: fromChatFinishReason(this.#finishReason, {
        refusal: this.#refusal,
        toolCalls: toolCalls.length > 0,
      }),
      model: this.#model,
      ...about,
    };
  }
}

/**
 * Something that keeps a stream awake and is no piece of an answer: `{"type":"ping"}` or `null`, as users report of servers.
 * Source: github.com/anthropics/anthropic-sdk-typescript/issues/734, github.com/NousResearch/hermes-agent/pull/80822.
 */
function isPing(event: unknown): boolean {
  return event === null || toObject(event)?.type === 'ping';
}

/** DeepInfra says beside them what went wrong: github.com/NousResearch/hermes-agent/pull/65738. */
function withoutChoices(chunk: JsonObject | undefined): Error {
  if (chunk && toText(chunk.error_message)) return new VendorErrorBody(chunk);
  return new GatewayError('malformed_response', 'it sent an event without choices.');
}

function tokensOf(usage: Usage): number {
  return totalInputTokens(usage) + usage.outputTokens + (usage.undividedTokens ?? 0);
}
