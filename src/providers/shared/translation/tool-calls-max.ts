import { GatewayError } from '../../../core/errors.ts';

/** Far above what a client offers; a hostile provider must not fill the memory. */
export const TOOL_CALLS_MAX = 1_000;

export function tooManyToolCalls(): GatewayError {
  return new GatewayError('malformed_response', `it answered more than ${TOOL_CALLS_MAX} tool calls.`);
}
