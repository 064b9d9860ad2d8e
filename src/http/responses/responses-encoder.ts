import type { GatewayError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import type { ToolCallPart, VendorState } from '../../core/message.ts';
import type { Usage } from '../../core/usage.ts';
import type { GatewayAnswer } from '../../gateway/gateway.ts';
import { toCarriedId } from '../carried-state.ts';
import { SILENT_REFUSAL, toArguments, toArgumentsPiece } from '../openai/from-answer.ts';
import type { ContentPart, StreamEncoder } from '../reply/stream-encoder.ts';
import {
  callItem,
  endingOf,
  type ItemStatus,
  itemId,
  messageItem,
  reasoningItem,
  refusalContent,
  textContent,
  toResponseUsage,
} from './output-items.ts';
import { type ResponseEcho, type ResponseState, toResponseObject } from './response-echo.ts';
import { toStreamError } from './stream-error.ts';

/** What of the stream is known before its first part. */
export type ResponsesStreamStart = {
  readonly requestId: string;
  readonly model: string;
  readonly createdAtS: number;
  readonly nowMs: () => number;
  /** Hears the items of an answer that ended well. */
  readonly onOutput?: (output: readonly JsonObject[]) => void;
};

type OpenMessage = { readonly id: string; readonly index: number; text: string; readonly deltaHead: string };
type OpenReasoning = { readonly id: string; readonly index: number; text: string; deltaHead: string | undefined };
type CalledTool = Pick<ToolCallPart, 'id' | 'name' | 'vendorState'>;
type OpenCall = {
  readonly id: string;
  readonly index: number;
  readonly callId: string;
  readonly name: string;
  argumentsText: string;
  readonly deltaHead: string;
};

/**
 * A streamed answer in the events of the Responses API: every item is added, filled and done in order,
 * and `response.completed` or `response.incomplete` is the last event. A failure is an `error` event,
 * which the official SDK throws, and then `response.failed`; nothing follows.
 * Source: https://platform.openai.com/docs/api-reference/responses-streaming
 */
export class ResponsesEncoder implements StreamEncoder {
  readonly #echo: ResponseEcho;
  readonly #start: ResponsesStreamStart;
  readonly #output: JsonObject[] = [];
  readonly #calls = new Map<string, OpenCall>();
  #message: OpenMessage | undefined;
  #reasoning: OpenReasoning | undefined;
  #usage: Usage | undefined;
  #sequence = 0;

  constructor(echo: ResponseEcho, start: ResponsesStreamStart) {
    this.#echo = echo;
    this.#start = start;
  }

  open(): string {
    const response = this.#response({ status: 'in_progress' });
    return this.#event('response.created', { response }) + this.#event('response.in_progress', { response });
  }

  part(part: ContentPart): string {
    switch (part.type) {
      case 'text-delta':
        return part.text === '' ? '' : this.#closeReasoning() + this.#addText(part.text);
      case 'reasoning-delta':
        return this.#addReasoning(part.text, part.vendorState);
      case 'tool-call-delta':
        return this.#addArguments(part, part.argumentsText);
      case 'tool-call':
        return this.#finishCall(part);
      case 'usage':
        this.#usage = part.usage;
        return '';
    }
  }

  end({ completion }: GatewayAnswer): string {
    const ending = endingOf(completion.finishReason);
    const isRefusal = completion.finishReason.unified === 'refusal';
    // The message stays open to the end when the model gave up in the middle of it.
    const closing =
      this.#closeReasoning() +
      (isRefusal && !this.#message ? this.#openMessage() : '') +
      this.#closeMessage(ending.status, isRefusal) +
      this.#closeCalls(ending.status);
    this.#start.onOutput?.(this.#output);
    const response = this.#response({
      ...ending,
      usage: toResponseUsage(completion.usage),
      completedAtS: Math.floor(this.#start.nowMs() / 1000),
    });
    return closing + this.#event(`response.${ending.status}`, { response });
  }

  error(error: GatewayError): string {
    const { event, failure } = toStreamError(error);
    this.#keepUnfinished();
    const usage = error.usage ?? this.#usage;
    const response = this.#response({
      status: 'failed',
      error: failure,
      ...(usage && { usage: toResponseUsage(usage) }),
    });
    return this.#event('error', event) + this.#event('response.failed', { response });
  }

  #addText(text: string): string {
    const opening = this.#message ? '' : this.#openMessage();
    if (this.#message) this.#message.text += text;
    return opening + this.#delta(this.#message?.deltaHead, text);
  }

  #openMessage(): string {
    const index = this.#output.length;
    const id = itemId('msg', this.#start.requestId, index);
    const place = { item_id: id, output_index: index, content_index: 0 };
    const deltaHead = deltaHeadOf('response.output_text.delta', { ...place, logprobs: [] });
    this.#message = { id, index, text: '', deltaHead };
    return (
      this.#addItem(messageItem(id, 'in_progress', [])) +
      this.#event('response.content_part.added', { ...place, part: textContent('') })
    );
  }

  #closeMessage(status: ItemStatus = 'completed', isRefusal = false): string {
    const message = this.#message;
    if (!message) return '';
    this.#message = undefined;
    const { id, index, text } = message;
    const place = { item_id: id, output_index: index, content_index: 0 };
    const content = [textContent(text)];
    let events =
      this.#event('response.output_text.done', { ...place, text, logprobs: [] }) +
      this.#event('response.content_part.done', { ...place, part: textContent(text) });
    if (isRefusal) {
      const refusal = text || SILENT_REFUSAL;
      events += this.#refusal({ ...place, content_index: 1 }, refusal);
      content.push(refusalContent(refusal));
    }
    return events + this.#finishItem(index, messageItem(id, status, content));
  }

  /** Only the end tells that the words which came were a refusal; they are said again as one. */
  #refusal(place: JsonObject, refusal: string): string {
    return (
      this.#event('response.content_part.added', { ...place, part: refusalContent('') }) +
      this.#event('response.refusal.delta', { ...place, delta: refusal }) +
      this.#event('response.refusal.done', { ...place, refusal }) +
      this.#event('response.content_part.done', { ...place, part: refusalContent(refusal) })
    );
  }

  #addReasoning(text: string, state: VendorState | undefined): string {
    const shown = this.#echo.showsSummary ? text : '';
    const carried = this.#echo.carriesState ? state : undefined;
    if (shown === '' && !carried) return state ? this.#closeReasoning() : '';
    let events = this.#reasoning ? '' : this.#openReasoning();
    if (this.#reasoning && shown !== '') {
      events += this.#openSummary(this.#reasoning);
      this.#reasoning.text += shown;
      events += this.#delta(this.#reasoning.deltaHead, shown);
    }
    return state ? events + this.#closeReasoning(carried) : events;
  }

  #openReasoning(): string {
    const closing = this.#closeMessage();
    const index = this.#output.length;
    const id = itemId('rs', this.#start.requestId, index);
    this.#reasoning = { id, index, text: '', deltaHead: undefined };
    return closing + this.#addItem(reasoningItem(id, ''));
  }

  #openSummary(reasoning: OpenReasoning): string {
    if (reasoning.deltaHead !== undefined) return '';
    const place = { item_id: reasoning.id, output_index: reasoning.index, summary_index: 0 };
    reasoning.deltaHead = deltaHeadOf('response.reasoning_summary_text.delta', place);
    return this.#event('response.reasoning_summary_part.added', { ...place, part: { type: 'summary_text', text: '' } });
  }

  #closeReasoning(state?: VendorState): string {
    const reasoning = this.#reasoning;
    if (!reasoning) return '';
    this.#reasoning = undefined;
    const { id, index, text, deltaHead } = reasoning;
    const place = { item_id: id, output_index: index, summary_index: 0 };
    const summary =
      deltaHead === undefined
        ? ''
        : this.#event('response.reasoning_summary_text.done', { ...place, text }) +
          this.#event('response.reasoning_summary_part.done', { ...place, part: { type: 'summary_text', text } });
    return summary + this.#finishItem(index, reasoningItem(id, text, state));
  }

  #addArguments(call: CalledTool, argumentsText: string): string {
    const known = this.#calls.get(call.id);
    const open = known ?? this.#newCall(call);
    const opening = known
      ? ''
      : this.#closeReasoning() + this.#closeMessage() + this.#addItem(callItem(open, 'in_progress', ''));
    const piece = toArgumentsPiece(open.argumentsText, argumentsText);
    open.argumentsText += piece;
    return opening + (piece === '' ? '' : this.#delta(open.deltaHead, piece));
  }

  /** The id of a call that comes whole carries its state; one whose pieces came first is out already. */
  #newCall(call: CalledTool): OpenCall {
    const index = this.#output.length;
    const id = itemId('fc', this.#start.requestId, index);
    const deltaHead = deltaHeadOf('response.function_call_arguments.delta', { item_id: id, output_index: index });
    const open: OpenCall = { id, index, callId: toCarriedId(call), name: call.name, argumentsText: '', deltaHead };
    this.#calls.set(call.id, open);
    return open;
  }

  /** What the pieces did not bring is sent now; without pieces that is everything. */
  #finishCall(call: ToolCallPart): string {
    const sent = this.#calls.get(call.id)?.argumentsText ?? '';
    const whole = toArguments(call.argumentsJson);
    const rest = whole.startsWith(sent) ? whole.slice(sent.length) : '';
    const filling = this.#addArguments(call, rest);
    const open = this.#calls.get(call.id);
    this.#calls.delete(call.id);
    return filling + (open ? this.#closeCall(open, 'completed', whole) : '');
  }

  #closeCall(call: OpenCall, status: ItemStatus, argumentsJson: string): string {
    const place = { item_id: call.id, output_index: call.index, name: call.name };
    return (
      this.#event('response.function_call_arguments.done', { ...place, arguments: argumentsJson }) +
      this.#finishItem(call.index, callItem(call, status, argumentsJson))
    );
  }

  /** Calls whose end never came: the answer was cut by its length limit. */
  #closeCalls(status: ItemStatus): string {
    return [...this.#calls.values()].map((call) => this.#closeCall(call, status, call.argumentsText)).join('');
  }

  /** What has come so far of items that will not be finished, for the final response. */
  #keepUnfinished(): void {
    if (this.#message) {
      const { id, index, text } = this.#message;
      this.#output[index] = messageItem(id, 'incomplete', [textContent(text)]);
    }
    if (this.#reasoning) {
      const { id, index, text } = this.#reasoning;
      this.#output[index] = reasoningItem(id, text);
    }
    for (const call of this.#calls.values()) {
      this.#output[call.index] = callItem(call, 'incomplete', call.argumentsText);
    }
  }

  #addItem(item: JsonObject): string {
    const index = this.#output.push(item) - 1;
    return this.#event('response.output_item.added', { output_index: index, item });
  }

  #finishItem(index: number, item: JsonObject): string {
    this.#output[index] = item;
    return this.#event('response.output_item.done', { output_index: index, item });
  }

  #response(state: Omit<ResponseState, 'requestId' | 'createdAtS' | 'model' | 'output'>): JsonObject {
    const { requestId, createdAtS, model } = this.#start;
    return toResponseObject(this.#echo, { requestId, createdAtS, model, output: this.#output, ...state });
  }

  #event(type: string, fields: JsonObject): string {
    const data = JSON.stringify({ type, sequence_number: this.#sequence, ...fields });
    this.#sequence += 1;
    return `event: ${type}\ndata: ${data}\n\n`;
  }

  /** The one event there are hundreds of: all but its text and number is written once an item. */
  #delta(head: string | undefined, text: string): string {
    const event = `${head}${JSON.stringify(text)},"sequence_number":${this.#sequence}}\n\n`;
    this.#sequence += 1;
    return event;
  }
}

function deltaHeadOf(type: string, place: JsonObject): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...place }).slice(0, -1)},"delta":`;
}
