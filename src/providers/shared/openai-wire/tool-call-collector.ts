import type { StreamPart } from '../../../core/completion.ts';
import { GatewayError } from '../../../core/errors.ts';
import { countIn, objectIn, textIn } from '../wire-value.ts';

/** Far above what a client offers; a hostile provider must not fill the memory. */
const TOOL_CALLS_MAX = 1_000;

/** Puts together tool calls that arrive in fragments, each naming the index it belongs to. */
export function createToolCallCollector() {
  const calls = new Map<number, { id: string; name: string; argumentsJson: string }>();
  return {
    add(fragment: unknown): void {
      // Servers that send a call in one piece may leave the index out.
      const index = countIn(fragment, 'index') ?? calls.size;
      const call = calls.get(index) ?? { id: '', name: '', argumentsJson: '' };
      if (calls.size >= TOOL_CALLS_MAX) {
        throw new GatewayError('malformed_response', `it answered more than ${TOOL_CALLS_MAX} tool calls.`);
      }
      calls.set(index, call);
      const called = objectIn(fragment, 'function');
      call.id ||= textIn(fragment, 'id') ?? '';
      call.name ||= textIn(called, 'name') ?? '';
      call.argumentsJson += textIn(called, 'arguments') ?? '';
    },
    all(): readonly Extract<StreamPart, { type: 'tool-call' }>[] {
      return [...calls].map(([index, { id, name, argumentsJson }]) => {
        if (!name) {
          throw new GatewayError('malformed_response', `it answered a tool call without a name (number ${index}).`);
        }
        return { type: 'tool-call', id: id || `call_${index}`, name, argumentsJson: argumentsJson || '{}' };
      });
    },
  };
}
