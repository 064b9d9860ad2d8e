import type { GatewayError } from '../../core/errors.ts';
import { createCallId } from '../../core/ids.ts';
import type { HttpServices } from '../http-types.ts';

/**
 * A request that was turned away before it became a call. It is counted, and has an id of its own, under which the log
 * tells of it at the level `debug`: the clients' libraries show one with every error. The books hold nothing of it.
 */
export function nameRefusal(
  { operations, logger }: Pick<HttpServices, 'operations' | 'logger'>,
  error: GatewayError,
): GatewayError {
  const { code, httpStatus, param } = error;
  const requestId = createCallId();
  operations.countRefusal(code);
  logger.debug({ requestId, code, httpStatus, ...(param !== undefined && { param }) }, 'a request was refused');
  return error.with({ requestId });
}
