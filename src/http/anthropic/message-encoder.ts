import { fromThinkingState, type SignedThinking } from '../../core/content/signed-thinking.ts';
import { toolArguments } from '../../core/content/tool-calls.ts';
import { GatewayError } from '../../core/errors.ts';
import { parseJsonObject } from '../../core/json/json.ts';
import type { ToolCallPart } from '../../core/message.ts';
import { NO_USAGE, type Usage } from '../../core/usage.ts';
import { shorten } from '../../core/wording/describe-value.ts';
import type { AnswerPart, GatewayAnswer, GatewayStream } from '../../gateway/gateway.ts';
import { errorBody } from '../reply/error-body.ts';
import type { ContentPart, StreamEncoder } from '../reply/stream-encoder.ts';
import { toArgumentsPiece } from '../reply/tool-arguments.ts';
import { type AnswerForm, isShown } from './answer-form.ts';
import { BlockWriter, event, type StreamedBlock } from './block-writer.ts';
import { messageOf, TEXT_BLOCK, toolUseOf } from './from-answer.ts';
import { toStop } from './stop-reason.ts';
import { isWordlessState, signatureFor, toThinkingBlock } from './thinking.ts';
import { toFinalUsage, toUsage } from './usage.ts';

type ReasoningDelta = Extract<AnswerPart, { type: 'reasoning-delta' }>;
type ToolCallDelta = Extract<AnswerPart, { type: 'tool-call-delta' }>;
type Beginning = Pick<GatewayStream, 'requestId' | 'model' | 'plan' | 'cache'>;

const THINKING_BLOCK = { type: 'thinking', thinking: '', signature: '' } as const;

/** A call whose pieces came, and how much of its arguments. */
type StreamedCall = {
  readonly block: StreamedBlock;
  length: number;
  /** Clients take back objects only; other arguments are said when they are whole, as in a whole answer. */
  isObject: boolean;
};

/** The events of a streamed message. Source: platform.claude.com/docs, "streaming messages". */
export class MessageEncoder implements StreamEncoder {
  readonly #stream: Beginning;
  readonly #form: AnswerForm;
  readonly #writer = new BlockWriter();
  /** The text or thinking that is being written; a tool call ends by itself. */
  #tail: { readonly type: 'text' | 'thinking'; readonly block: StreamedBlock } | undefined;
  readonly #calls = new Map<string, StreamedCall>();
  /** Calls that began as an object and became none: they stay open, for clients run what is closed with what they can read. */
  readonly #unreadable: { readonly block: StreamedBlock; readonly name: string }[] = [];
  #usage: Usage;
  #isBegun = false;
  /** State that is told when more content follows it. */
  readonly #heldBack: ReasoningDelta[] = [];

  constructor(stream: Beginning, form: AnswerForm) {
    this.#stream = stream;
    this.#form = form;
    // Until the provider says better; the last event has the true figures.
    this.#usage = { ...NO_USAGE, inputTokens: stream.cache === 'hit' ? 0 : stream.plan.inputTokensEstimated };
  }

  /** The first event waits for the first content: some providers tell the input tokens just before it. */
  open(): string {
    return '';
  }

  part(part: ContentPart): string {
    switch (part.type) {
      case 'usage':
        this.#usage = part.usage;
        return '';
      case 'text-delta':
        return part.text === '' ? '' : this.#goOn() + this.#text(part.text);
      case 'reasoning-delta':
        return isShown(part.vendorState, this.#form) ? this.#shownReasoning(part) : '';
      case 'tool-call-delta':
        return this.#beforeCall(part.id) + this.#toolCallDelta(part);
      case 'tool-call':
        return this.#beforeCall(part.id) + this.#toolCall(part);
    }
  }

  /** Throws `malformed_response` when a call cannot be read and the reason does not tell of it, as that of a limit does. */
  end({ completion }: GatewayAnswer): string {
    const stop = toStop(completion);
    const [unreadable] = this.#unreadable;
    if (unreadable && stop.stop_reason === 'tool_use') throw unreadableCall(unreadable.name);
    const cut = this.#unreadable.map(({ block }) => this.#writer.complete(block)).join('');
    const blocks = this.#begin() + cut + this.#closeTail();
    const delta = { ...stop, container: null };
    return blocks + event('message_delta', { delta, usage: toFinalUsage(completion.usage) }) + event('message_stop');
  }

  /** Open blocks stay open: nothing may look complete. */
  error(error: GatewayError): string {
    return `event: error\ndata: ${JSON.stringify(errorBody('anthropic', error))}\n\n`;
  }

  #begin(): string {
    if (this.#isBegun) return '';
    this.#isBegun = true;
    const { requestId, model } = this.#stream;
    const unknown = { content: [], stop_reason: null, stop_sequence: null, stop_details: null };
    return event('message_start', {
      message: { ...messageOf(requestId, model), ...unknown, usage: toUsage(this.#usage) },
    });
  }

  /** Before content: the message begins, and what was held back is told. */
  #goOn(): string {
    const held = this.#heldBack.splice(0);
    return this.#begin() + held.map((part) => this.#reasoning(part)).join('');
  }

  #beforeCall(id: string): string {
    return this.#calls.has(id) ? '' : this.#goOn();
  }

  #shownReasoning(part: ReasoningDelta): string {
    if (this.#tail?.type === 'thinking' || !isWordlessState(part)) return this.#goOn() + this.#reasoning(part);
    this.#heldBack.push(part);
    return '';
  }

  #text(text: string): string {
    const [tail, sent] = this.#tailOf('text', TEXT_BLOCK);
    return sent + this.#writer.delta(tail, { type: 'text_delta', text });
  }

  #reasoning(part: ReasoningDelta): string {
    const { text, vendorState } = part;
    if (vendorState === undefined) return text === '' ? '' : this.#thinking(text);
    const isRedacted = fromThinkingState(vendorState)?.type === 'redacted_thinking';
    if (this.#tail?.type !== 'thinking' || isRedacted) {
      const block = toThinkingBlock({ ...part, type: 'reasoning' });
      return this.#closeTail() + (block === undefined ? '' : this.#wholeThinking(block));
    }
    return (text === '' ? '' : this.#thinking(text)) + this.#sign(toSignature(part));
  }

  #thinking(thinking: string): string {
    const [tail, sent] = this.#tailOf('thinking', THINKING_BLOCK);
    return sent + this.#writer.delta(tail, { type: 'thinking_delta', thinking });
  }

  #wholeThinking(block: SignedThinking): string {
    if (block.type === 'thinking') {
      return (
        (block.thinking === '' ? this.#tailOf('thinking', THINKING_BLOCK)[1] : this.#thinking(block.thinking)) +
        this.#sign(block.signature)
      );
    }
    const { block: begun, sent } = this.#writer.begin(block);
    return sent + this.#writer.complete(begun);
  }

  /** Ends the open thinking. In one piece: the vendor's client keeps the last signature delta only. */
  #sign(signature: string): string {
    const tail = this.#tail;
    if (tail === undefined) return '';
    this.#tail = undefined;
    return this.#writer.delta(tail.block, { type: 'signature_delta', signature }) + this.#writer.complete(tail.block);
  }

  #toolCallDelta({ id, name, argumentsText }: ToolCallDelta): string {
    let sent = '';
    let call = this.#calls.get(id);
    if (call === undefined) {
      sent += this.#closeTail();
      const begun = this.#writer.begin(toolUseOf({ id, name }));
      sent += begun.sent;
      call = { block: begun.block, length: 0, isObject: false };
      this.#calls.set(id, call);
    }
    return sent + this.#addInput(call, argumentsText);
  }

  #toolCall(part: ToolCallPart): string {
    const streamed = this.#calls.get(part.id);
    if (streamed) {
      this.#calls.delete(part.id);
      const { block, isObject } = streamed;
      const rest = isObject
        ? part.argumentsJson.trimStart().slice(streamed.length)
        : JSON.stringify(toolArguments(part));
      const sent = this.#inputDelta(block, rest);
      if (!isObject || parseJsonObject(part.argumentsJson)) return sent + this.#writer.complete(block);
      this.#unreadable.push({ block, name: part.name });
      return sent;
    }
    const closed = this.#closeTail();
    const { block, sent } = this.#writer.begin(toolUseOf(part));
    return closed + sent + this.#inputDelta(block, JSON.stringify(toolArguments(part))) + this.#writer.complete(block);
  }

  #addInput(call: StreamedCall, argumentsText: string): string {
    const piece = toArgumentsPiece(call, argumentsText);
    if (call.length === 0) call.isObject = piece.startsWith('{');
    call.length += piece.length;
    return call.isObject ? this.#inputDelta(call.block, piece) : '';
  }

  #inputDelta(block: StreamedBlock, json: string): string {
    return json === '' ? '' : this.#writer.delta(block, { type: 'input_json_delta', partial_json: json });
  }

  #tailOf(type: 'text' | 'thinking', start: object): readonly [block: StreamedBlock, sent: string] {
    if (this.#tail?.type === type) return [this.#tail.block, ''];
    const closed = this.#closeTail();
    const { block, sent } = this.#writer.begin(start);
    this.#tail = { type, block };
    return [block, closed + sent];
  }

  #closeTail(): string {
    const tail = this.#tail;
    if (tail?.type === 'thinking') return this.#sign(signatureFor(undefined));
    this.#tail = undefined;
    return tail === undefined ? '' : this.#writer.complete(tail.block);
  }
}

function unreadableCall(name: string): GatewayError {
  const fault = `The model called the tool ${JSON.stringify(shorten(name))} with arguments that are no JSON object.`;
  return new GatewayError('malformed_response', fault, { hint: 'Ask again, or take another model.' });
}

function toSignature({ vendorState }: ReasoningDelta): string {
  const signed = fromThinkingState(vendorState);
  return signed?.type === 'thinking' ? signed.signature : signatureFor(vendorState);
}
