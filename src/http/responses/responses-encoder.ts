import type { Completion, FinishReason } from '../../core/completion.ts';
import { TextJoiner } from '../../core/content/text-joiner.ts';
import type { GatewayError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json/json.ts';
import type { ToolCallPart, VendorState } from '../../core/message.ts';
import type { Usage } from '../../core/usage.ts';
import type { GatewayAnswer } from '../../gateway/gateway.ts';
import { toCarriedId } from '../carried-state.ts';
import { refusalWords } from '../openai/shared/refusal-words.ts';
import type { ContentPart, StreamEncoder } from '../reply/stream-encoder.ts';
import { toArguments } from '../reply/tool-arguments.ts';
import { deltaHeadOf, EventWriter } from './event-writer.ts';
import { OpenCall } from './open-call.ts';
import { OpenMessage } from './open-message.ts';
import {
  callItemId,
  endingOf,
  endsTurn,
  type ItemStatus,
  itemId,
  messageItem,
  reasoningItem,
  toResponseUsage,
} from './output-items.ts';
import { calledBy, carriedBy, type ResponseEcho, type ResponseState, toResponseObject } from './response-echo.ts';
import { toStreamError } from './stream-error.ts';

/** What of the stream is known before its first part. */
export type ResponsesStreamStart = {
  readonly requestId: string;
  readonly model: string;
  readonly createdAtS: number;
  readonly nowMs: () => number;
  /** Hears the items of an answer that ended well. */
  readonly onOutput?: (output: readonly JsonObject[], completion: Completion) => void;
};

type OpenReasoning = {
  readonly id: string;
  readonly index: number;
  readonly text: TextJoiner;
  deltaHead: string | undefined;
};
type ModelCall = Pick<ToolCallPart, 'id' | 'name' | 'vendorState'>;

/**
 * A streamed answer in the events of the Responses API: every item is added, filled and done in order,
 * and `response.completed` or `response.incomplete` is the last event. A failure is an `error` event,
 * which the official SDK throws, and then `response.failed`; nothing follows.
 * Source: https://platform.openai.com/docs/api-reference/responses-streaming
 */
export class ResponsesEncoder implements StreamEncoder {
  readonly #echo: ResponseEcho;
  readonly #start: ResponsesStreamStart;
  readonly #writer = new EventWriter();
  readonly #output: JsonObject[] = [];
  /** Items that are done before one that began earlier, by their index. */
  readonly #untold = new Map<number, JsonObject>();
  #toldCount = 0;
  readonly #calls = new Map<string, OpenCall>();
  /** The last call, once it has come: whether the model's limit cut it, only the end tells. */
  #lastCall: { readonly call: OpenCall; readonly argumentsJson: string } | undefined;
  #message: OpenMessage | undefined;
  #reasoning: OpenReasoning | undefined;
  #usage: Usage | undefined;

  constructor(echo: ResponseEcho, start: ResponsesStreamStart) {
    this.#echo = echo;
    this.#start = start;
  }

  open(): string {
    const response = this.#response({ status: 'in_progress' });
    return (
      this.#writer.event('response.created', { response }) + this.#writer.event('response.in_progress', { response })
    );
  }

  part(part: ContentPart): string {
    switch (part.type) {
      case 'text-delta':
        if (part.text === '') return '';
        return this.#closeLastCall() + this.#closeReasoning() + this.#addText(part.text, part.isRefusal);
      case 'reasoning-delta':
        return this.#addReasoning(part.text, part.vendorState);
      case 'tool-call-delta':
        return this.#closeLastCall() + this.#addArguments(part, part.argumentsText);
      case 'tool-call':
        return this.#closeLastCall() + this.#finishCall(part);
      case 'usage':
        this.#usage = part.usage;
        return '';
    }
  }

  end({ completion }: GatewayAnswer): string {
    const ending = endingOf(completion.finishReason);
    // The message stays open to the end when the model gave up in the middle of it.
    const isLast = this.#lastCall?.call.index === this.#output.length - 1;
    const closing =
      this.#closeLastCall(isLast ? ending.status : 'completed') +
      this.#closeReasoning() +
      this.#refuse(completion.finishReason) +
      (ending.status === 'completed' && !endsTurn(this.#output) ? this.#openMessage() : '') +
      this.#closeMessage(ending.status) +
      this.#closeCalls(ending.status);
    this.#start.onOutput?.(this.#output, completion);
    const response = this.#response({
      ...ending,
      usage: toResponseUsage(completion.usage),
      completedAtS: Math.floor(this.#start.nowMs() / 1000),
    });
    return closing + this.#writer.event(`response.${ending.status}`, { response });
  }

  #refuse(finishReason: FinishReason): string {
    if (finishReason.unified !== 'refusal') return '';
    const opening = this.#openMessage();
    return opening + (this.#message?.refuse((said) => refusalWords(said, finishReason)) ?? '');
  }

  error(error: GatewayError): string {
    const { event, failure } = toStreamError(error);
    const closing = this.#closeLastCall();
    this.#keepUnfinished();
    const usage = error.usage ?? this.#usage;
    const response = this.#response({
      status: 'failed',
      error: failure,
      ...(usage && { usage: toResponseUsage(usage) }),
    });
    return closing + this.#writer.event('error', event) + this.#writer.event('response.failed', { response });
  }

  #addText(text: string, isRefusal = false): string {
    const opening = this.#openMessage();
    return opening + (this.#message?.add(isRefusal ? 'refusal' : 'output_text', text) ?? '');
  }

  #openMessage(): string {
    if (this.#message) return '';
    const index = this.#output.length;
    this.#message = new OpenMessage(itemId('msg', this.#start.requestId, index), index, this.#writer);
    return this.#addItem(messageItem(this.#message.id, 'in_progress', []));
  }

  #closeMessage(status: ItemStatus = 'completed'): string {
    const message = this.#message;
    if (!message) return '';
    this.#message = undefined;
    const events = message.close();
    return events + this.#finishItem(message.index, messageItem(message.id, status, message.content()));
  }

  #addReasoning(text: string, state: VendorState | undefined): string {
    const shown = this.#echo.showsSummary ? text : '';
    const carried = carriedBy(this.#echo, state);
    if (shown === '' && !carried) return state ? this.#closeReasoning() : '';
    let events = this.#closeLastCall() + (this.#reasoning ? '' : this.#openReasoning());
    if (this.#reasoning && shown !== '') {
      events += this.#openSummary(this.#reasoning);
      this.#reasoning.text.add(shown);
      events += this.#writer.delta(this.#reasoning.deltaHead, shown);
    }
    return state ? events + this.#closeReasoning(carried) : events;
  }

  #openReasoning(): string {
    const closing = this.#closeMessage();
    const index = this.#output.length;
    const id = itemId('rs', this.#start.requestId, index);
    this.#reasoning = { id, index, text: new TextJoiner(), deltaHead: undefined };
    return closing + this.#addItem(reasoningItem(id, ''));
  }

  #openSummary(reasoning: OpenReasoning): string {
    if (reasoning.deltaHead !== undefined) return '';
    const place = { item_id: reasoning.id, output_index: reasoning.index, summary_index: 0 };
    reasoning.deltaHead = deltaHeadOf('response.reasoning_summary_text.delta', place);
    return this.#writer.event('response.reasoning_summary_part.added', {
      ...place,
      part: { type: 'summary_text', text: '' },
    });
  }

  #closeReasoning(state?: VendorState): string {
    const reasoning = this.#reasoning;
    if (!reasoning) return '';
    this.#reasoning = undefined;
    const { id, index, deltaHead } = reasoning;
    const text = reasoning.text.toString();
    const place = { item_id: id, output_index: index, summary_index: 0 };
    const summary =
      deltaHead === undefined
        ? ''
        : this.#writer.event('response.reasoning_summary_text.done', { ...place, text }) +
          this.#writer.event('response.reasoning_summary_part.done', {
            ...place,
            part: { type: 'summary_text', text },
          });
    return summary + this.#finishItem(index, reasoningItem(id, text, state));
  }

  #addArguments(call: ModelCall, argumentsText: string): string {
    const known = this.#calls.get(call.id);
    const open = known ?? this.#newCall(call);
    const opening = known
      ? ''
      : this.#closeReasoning() + this.#closeMessage() + this.#addItem(open.item('in_progress'));
    return opening + open.add(argumentsText);
  }

  /** The id of a call that comes whole carries its state; one whose pieces came first is out already. */
  #newCall(call: ModelCall): OpenCall {
    const index = this.#output.length;
    const called = calledBy(this.#echo, call.name);
    const id = callItemId(this.#start.requestId, index, called);
    const open = new OpenCall({ id, callId: toCarriedId(call), called }, index, this.#writer);
    this.#calls.set(call.id, open);
    return open;
  }

  /** What the pieces did not bring is sent now; without pieces that is everything. */
  #finishCall(call: ToolCallPart): string {
    const whole = toArguments(call.argumentsJson);
    const filling = this.#addArguments(call, whole.slice(this.#calls.get(call.id)?.length ?? 0));
    const open = this.#calls.get(call.id);
    this.#calls.delete(call.id);
    this.#lastCall = open && { call: open, argumentsJson: whole };
    return filling;
  }

  #closeLastCall(status: ItemStatus = 'completed'): string {
    const last = this.#lastCall;
    this.#lastCall = undefined;
    return last ? this.#closeCall(last.call, status, last.argumentsJson) : '';
  }

  #closeCall(call: OpenCall, status: ItemStatus, argumentsJson?: string): string {
    return call.close(argumentsJson) + this.#finishItem(call.index, call.item(status, argumentsJson));
  }

  /** Calls whose end never came: the answer was cut by its length limit. */
  #closeCalls(status: ItemStatus): string {
    return [...this.#calls.values()].map((call) => this.#closeCall(call, status)).join('');
  }

  /** What has come so far of items that will not be finished, for the final response. */
  #keepUnfinished(): void {
    if (this.#message) {
      const { id, index } = this.#message;
      this.#output[index] = messageItem(id, 'incomplete', this.#message.content());
    }
    if (this.#reasoning) {
      const { id, index, text } = this.#reasoning;
      this.#output[index] = reasoningItem(id, text.toString());
    }
    for (const call of this.#calls.values()) {
      this.#output[call.index] = call.item('incomplete');
    }
  }

  #addItem(item: JsonObject): string {
    const index = this.#output.push(item) - 1;
    return this.#writer.event('response.output_item.added', { output_index: index, item });
  }

  /** A client may build the conversation of these events alone, so an item waits for those before it. */
  #finishItem(index: number, item: JsonObject): string {
    this.#output[index] = item;
    this.#untold.set(index, item);
    let events = '';
    for (let next = this.#untold.get(this.#toldCount); next; next = this.#untold.get(this.#toldCount)) {
      this.#untold.delete(this.#toldCount);
      events += this.#writer.event('response.output_item.done', { output_index: this.#toldCount, item: next });
      this.#toldCount += 1;
    }
    return events;
  }

  #response(state: Omit<ResponseState, 'requestId' | 'createdAtS' | 'model' | 'output'>): JsonObject {
    const { requestId, createdAtS, model } = this.#start;
    return toResponseObject(this.#echo, { requestId, createdAtS, model, output: this.#output, ...state });
  }
}
