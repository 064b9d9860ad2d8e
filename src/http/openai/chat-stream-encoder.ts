import type { Choice } from '../../core/completion.ts';
import type { GatewayError } from '../../core/errors.ts';
import type { CallId } from '../../core/ids.ts';
import type { ReasoningPart, ToolCallPart } from '../../core/message.ts';
import type { ModelRef } from '../../core/model.ts';
import type { GatewayAnswer } from '../../gateway/gateway.ts';
import { toCarriedId } from '../carried-state.ts';
import { errorBody } from '../reply/error-body.ts';
import type { ContentPart, StreamEncoder } from '../reply/stream-encoder.ts';
import { toArguments, toArgumentsPiece } from '../reply/tool-arguments.ts';
import { fromFinishReason, fromUsage, toCompletionId, toToolCall, toUnixSeconds } from './from-answer.ts';
import { toCustomInput } from './shared/custom-tool.ts';
import { refusalWords } from './shared/refusal-words.ts';
import { toReasoningDetails } from './vendor-state.ts';

export type ChatStreamOptions = {
  readonly requestId: CallId;
  readonly model: ModelRef;
  readonly createdAtMs: number;
  /** Send the usage in a chunk of its own at the end. */
  readonly includeUsage: boolean;
  /** Names of the tools that take free text. */
  readonly customTools: ReadonlySet<string>;
};

/** A tool call that has begun, and how much of its arguments went out. */
type SentCall = { readonly index: number; length: number };

/**
 * `chat.completion.chunk` events. What is the same in every chunk is written once, since a stream has
 * thousands. Source: developers.openai.com/api/reference, the chat completion chunk object.
 */
export class ChatStreamEncoder implements StreamEncoder {
  readonly #includeUsage: boolean;
  readonly #customTools: ReadonlySet<string>;
  /** Everything up to the choices. */
  readonly #start: string;
  /** Everything up to the delta of the first choice, and what follows an unfinished delta. */
  readonly #deltaStart: string;
  readonly #deltaEnd: string;
  readonly #chunkEnd: string;
  readonly #calls = new Map<string, SentCall>();
  /** Has the first choice said its refusal as one? */
  #hasRefused = false;

  constructor({ requestId, model, createdAtMs, includeUsage, customTools }: ChatStreamOptions) {
    const head = {
      id: toCompletionId(requestId),
      object: 'chat.completion.chunk',
      created: toUnixSeconds(createdAtMs),
      model,
    };
    this.#includeUsage = includeUsage;
    this.#customTools = customTools;
    this.#start = `data: ${JSON.stringify(head).slice(0, -1)},"choices":[`;
    this.#deltaStart = `${this.#start}{"index":0,"delta":`;
    this.#chunkEnd = `]${includeUsage ? ',"usage":null' : ''}}\n\n`;
    this.#deltaEnd = `,"logprobs":null,"finish_reason":null}${this.#chunkEnd}`;
  }

  open(): string {
    return this.#delta('{"role":"assistant","content":"","refusal":null}');
  }

  part(part: ContentPart): string {
    switch (part.type) {
      case 'text-delta':
        return part.isRefusal ? this.#refusal(part.text) : this.#textDelta('content', part.text);
      case 'reasoning-delta':
        return this.#textDelta('reasoning_content', part.text);
      case 'tool-call-delta':
        return this.#callPiece(part.id, part.name, part.argumentsText);
      case 'tool-call':
        return this.#wholeCall(part);
      case 'usage':
        return '';
    }
  }

  end({ completion }: GatewayAnswer): string {
    const { alternatives = [], usage } = completion;
    const further = alternatives.map((choice, place) => this.#wholeChoice(choice, place + 1)).join('');
    const usageChunk = this.#includeUsage ? `${this.#start}],"usage":${fromUsage(usage)}}\n\n` : '';
    return `${this.#lastDeltas(completion, 0)}${this.#finish(completion, 0)}${further}${usageChunk}data: [DONE]\n\n`;
  }

  error(error: GatewayError): string {
    return `data: ${JSON.stringify(errorBody('openai', error))}\n\n`;
  }

  #delta(delta: string): string {
    return this.#deltaStart + delta + this.#deltaEnd;
  }

  #textDelta(field: 'content' | 'reasoning_content' | 'refusal', text: string): string {
    return text === '' ? '' : this.#delta(`{"${field}":${JSON.stringify(text)}}`);
  }

  #refusal(text: string): string {
    this.#hasRefused ||= text !== '';
    return this.#textDelta('refusal', text);
  }

  #choice(index: number, delta: object, finishReason: string | null = null): string {
    const choice = { index, delta, logprobs: null, finish_reason: finishReason };
    return this.#start + JSON.stringify(choice) + this.#chunkEnd;
  }

  #callPiece(id: string, name: string, argumentsText: string): string {
    const sent = this.#calls.get(id);
    // The text of a custom tool stands within the arguments, and is told when they are whole.
    const piece = this.#customTools.has(name) ? '' : toArgumentsPiece(sent ?? '', argumentsText);
    if (!sent) return this.#openCall({ id }, name, piece);
    if (piece === '') return '';
    sent.length += piece.length;
    return this.#delta(`{"tool_calls":[{"index":${sent.index},"function":{"arguments":${JSON.stringify(piece)}}}]}`);
  }

  #openCall(call: Pick<ToolCallPart, 'id' | 'vendorState'>, name: string, text: string): string {
    const index = this.#calls.size;
    this.#calls.set(call.id, { index, length: text.length });
    const head = { index, id: toCarriedId(call) };
    const opened = this.#customTools.has(name)
      ? { ...head, type: 'custom', custom: { name, input: text } }
      : { ...head, type: 'function', function: { name, arguments: text } };
    return this.#delta(`{"tool_calls":[${JSON.stringify(opened)}]}`);
  }

  /** Closes a call whose pieces went out, or sends one that came in one piece. */
  #wholeCall(call: ToolCallPart): string {
    const sent = this.#calls.get(call.id);
    const whole = toArguments(call.argumentsJson);
    if (!this.#customTools.has(call.name)) {
      if (!sent) return this.#openCall(call, call.name, whole);
      return this.#callPiece(call.id, call.name, whole.slice(sent.length));
    }
    const input = toCustomInput(whole);
    if (!sent) return this.#openCall(call, call.name, input);
    return this.#delta(`{"tool_calls":[{"index":${sent.index},"custom":{"input":${JSON.stringify(input)}}}]}`);
  }

  /** What only the end tells: that it was a refusal, and what has to come back with the reasoning. */
  #lastDeltas({ content, finishReason }: Choice, index: number): string {
    const details = toReasoningDetails(content.filter((part): part is ReasoningPart => part.type === 'reasoning'));
    const text = content.map((part) => (part.type === 'text' ? part.text : '')).join('');
    const isUntold = finishReason.unified === 'refusal' && !(index === 0 && this.#hasRefused);
    const refusal = isUntold ? this.#choice(index, { refusal: refusalWords(text, finishReason) }) : '';
    return (details.length > 0 ? this.#choice(index, { reasoning_details: details }) : '') + refusal;
  }

  #finish(choice: Choice, index: number): string {
    return this.#choice(index, {}, fromFinishReason(choice));
  }

  /** An answer beyond the first, which never came in pieces. */
  #wholeChoice(choice: Choice, index: number): string {
    const { content } = choice;
    const text = content.map((part) => (part.type === 'text' ? part.text : '')).join('');
    const reasoning = content.map((part) => (part.type === 'reasoning' ? part.text : '')).join('');
    const calls = content
      .filter((part) => part.type === 'tool-call')
      .map((call, place) => ({ index: place, ...toToolCall(call, this.#customTools) }));
    const delta = {
      role: 'assistant',
      // Nothing of it went out, so a refusal is said once, by its own field.
      content: choice.finishReason.unified === 'refusal' ? '' : text,
      refusal: null,
      ...(reasoning !== '' && { reasoning_content: reasoning }),
      ...(calls.length > 0 && { tool_calls: calls }),
    };
    return this.#choice(index, delta) + this.#lastDeltas(choice, index) + this.#finish(choice, index);
  }
}
