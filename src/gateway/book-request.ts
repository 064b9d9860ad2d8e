import type { RequestCache, RequestEnd, RequestStart } from '../core/books.ts';
import { type GatewayError, toDefectFields } from '../core/errors.ts';
import type { CallId } from '../core/ids.ts';
import type { GatewayParts } from './parts.ts';

type Books = Pick<GatewayParts, 'ledger' | 'logger'>;

/**
 * Books the start. Not awaited: the row rides in the same commit as the first attempt, which is
 * awaited and fails when the books cannot be written.
 */
export function bookStart(books: Books, start: RequestStart): void {
  books.ledger.recordRequest(start).catch((error: unknown) => logUnbooked(books, start.id, error));
}

/** Books the end. Not awaited: the attempts, which are what costs, are already settled. */
export function bookEnd(books: Books, id: CallId, end: RequestEnd): void {
  books.ledger.endRequest(id, end).catch((error: unknown) => logUnbooked(books, id, error));
}

/** Books how a request failed and gives the error its id. */
export function bookFailure(
  books: Books,
  request: { readonly id: CallId; readonly cache: RequestCache; readonly latencyMs: number },
  error: GatewayError,
): GatewayError {
  const { id, cache, latencyMs } = request;
  const status = error.code === 'cancelled' ? 'cancelled' : error.code === 'stream_truncated' ? 'truncated' : 'failed';
  if (error.code === 'internal')
    books.logger.error({ requestId: id, ...toDefectFields(error) }, 'request failed inside');
  bookEnd(books, id, { status, cache, latencyMs, error: error.code });
  return error.with({ requestId: id });
}

function logUnbooked(books: Books, requestId: CallId, error: unknown): void {
  books.logger.error({ requestId, error }, 'a request could not be booked');
}
