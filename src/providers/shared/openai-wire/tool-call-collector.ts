import type { StreamPart } from '../../../core/completion.ts';
import { GatewayError } from '../../../core/errors.ts';
import { createToolCallId } from '../tool-call-id.ts';
import { TOOL_CALLS_MAX, tooManyToolCalls } from '../tool-calls-max.ts';
import { argumentsIn, countIn, objectIn, textIn } from '../wire-value.ts';

type ToolCallDelta = Extract<StreamPart, { type: 'tool-call-delta' }>;

type Call = {
  id: string;
  name: string;
  argumentsJson: string;
  /** How much of it has been passed on. */
  sent: number;
  /** Some arguments came as an object, whose text is ours. */
  isObject: boolean;
};

/**
 * Puts together tool calls that arrive in fragments. Each names the index it belongs to, but some
 * servers leave it out, and some give every call the index 0: a new id then begins a new call, and
 * what has neither id nor name goes on with the last one.
 */
export class ToolCallCollector {
  readonly #calls: Call[] = [];
  readonly #byIndex = new Map<number, Call>();
  #last: Call | undefined;

  /** Passes on what has come of the arguments, once it is known whose they are. */
  *add(fragment: unknown): Generator<ToolCallDelta> {
    const called = objectIn(fragment, 'function');
    const id = textIn(fragment, 'id') ?? '';
    const name = textIn(called, 'name') ?? '';
    const index = countIn(fragment, 'index');
    const known = index === undefined ? (id || name ? undefined : this.#last) : this.#byIndex.get(index);
    const isOther = known !== undefined && id !== '' && name !== '' && known.id !== '' && known.id !== id;
    const call = known === undefined || isOther ? this.#begin(index) : known;
    this.#last = call;
    call.id ||= id;
    call.name ||= name;
    call.argumentsJson += argumentsIn(called);
    call.isObject ||= objectIn(called, 'arguments') !== undefined;
    const argumentsText = call.argumentsJson.slice(call.sent);
    if (call.id === '' || call.name === '' || call.isObject || argumentsText === '') return;
    call.sent = call.argumentsJson.length;
    yield { type: 'tool-call-delta', id: call.id, name: call.name, argumentsText };
  }

  all(): readonly Extract<StreamPart, { type: 'tool-call' }>[] {
    return this.#calls.map(({ id, name, argumentsJson }, number) => {
      if (!name) {
        throw new GatewayError('malformed_response', `it answered a tool call without a name (number ${number}).`);
      }
      return { type: 'tool-call', id: id || createToolCallId(), name, argumentsJson: argumentsJson || '{}' };
    });
  }

  #begin(index: number | undefined): Call {
    if (this.#calls.length >= TOOL_CALLS_MAX) throw tooManyToolCalls();
    const call = { id: '', name: '', argumentsJson: '', sent: 0, isObject: false };
    this.#calls.push(call);
    if (index !== undefined) this.#byIndex.set(index, call);
    return call;
  }
}
