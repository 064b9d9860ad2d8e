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
export function createToolCallCollector() {
  const calls: Call[] = [];
  const byIndex = new Map<number, Call>();
  let last: Call | undefined;

  function begin(index: number | undefined): Call {
    if (calls.length >= TOOL_CALLS_MAX) throw tooManyToolCalls();
    const call = { id: '', name: '', argumentsJson: '', sent: 0, isObject: false };
    calls.push(call);
    if (index !== undefined) byIndex.set(index, call);
    return call;
  }

  return {
    /** Passes on what has come of the arguments, once it is known whose they are. */
    *add(fragment: unknown): Generator<ToolCallDelta> {
      const called = objectIn(fragment, 'function');
      const id = textIn(fragment, 'id') ?? '';
      const name = textIn(called, 'name') ?? '';
      const index = countIn(fragment, 'index');
      const known = index === undefined ? (id || name ? undefined : last) : byIndex.get(index);
      const isOther = known !== undefined && id !== '' && name !== '' && known.id !== '' && known.id !== id;
      const call = known === undefined || isOther ? begin(index) : known;
      last = call;
      call.id ||= id;
      call.name ||= name;
      call.argumentsJson += argumentsIn(called);
      call.isObject ||= objectIn(called, 'arguments') !== undefined;
      const argumentsText = call.argumentsJson.slice(call.sent);
      if (call.id === '' || call.name === '' || call.isObject || argumentsText === '') return;
      call.sent = call.argumentsJson.length;
      yield { type: 'tool-call-delta', id: call.id, name: call.name, argumentsText };
    },
    all(): readonly Extract<StreamPart, { type: 'tool-call' }>[] {
      return calls.map(({ id, name, argumentsJson }, number) => {
        if (!name) {
          throw new GatewayError('malformed_response', `it answered a tool call without a name (number ${number}).`);
        }
        return { type: 'tool-call', id: id || createToolCallId(), name, argumentsJson: argumentsJson || '{}' };
      });
    },
  };
}
