import type { GatewayError } from '../../core/errors.ts';
import type { SecretMask } from '../../core/secret-mask.ts';
import type { Dialect } from '../http-types.ts';
import { errorBody } from './error-body.ts';
import type { WholeReply } from './reply.ts';

/** Who is told to come back, but not when. */
const RETRY_AFTER_DEFAULT_S = 1;

/** What takes longer is the caller's to wait for: the client of Anthropic sits out any Retry-After, hours too, and says nothing. */
const UNASKED_WAIT_MS_MAX = 60_000;

type ErrorReplyOptions = {
  /** Takes out what the caller must not see; for texts that may quote anybody. */
  readonly mask?: SecretMask;
  readonly headers?: Readonly<Record<string, string>>;
};

/** The answer to a request that failed before anything was sent. */
export function errorReply(
  dialect: Dialect,
  error: GatewayError,
  { mask = (text) => text, headers }: ErrorReplyOptions = {},
): WholeReply {
  return {
    status: error.httpStatus,
    headers: { 'content-type': 'application/json', ...errorHeaders(error), ...headers },
    body: mask(JSON.stringify(errorBody(dialect, error))),
  };
}

/** What the headers say of an error beside its status. */
export function errorHeaders(error: GatewayError): Record<string, string> {
  const headers = idHeaders(error);
  if (error.httpStatus === 401) headers['www-authenticate'] = 'Bearer realm="signalbox"';
  if (asksToWait(error)) headers['retry-after'] = retryAfter(error);
  // The clients' libraries repeat every 5xx, 409 and 429 unless they are told.
  if (isRepeatedUnasked(error.httpStatus) && !isRepeatedSoon(error)) headers['x-should-retry'] = 'false';
  return headers;
}

/** The last two are where the clients of OpenAI and of Anthropic look for it. */
export function idHeaders({ requestId }: GatewayError): Record<string, string> {
  if (requestId === undefined) return {};
  return { 'x-signalbox-request-id': requestId, 'x-request-id': requestId, 'request-id': requestId };
}

function isRepeatedUnasked(httpStatus: number): boolean {
  return httpStatus >= 500 || httpStatus === 409 || httpStatus === 429;
}

function isRepeatedSoon({ retryable, retryAfterMs = 0 }: GatewayError): boolean {
  return retryable && retryAfterMs <= UNASKED_WAIT_MS_MAX;
}

/** Whom coming back would not help is given a time only where one is known, such as the end of a quota's day. */
function asksToWait({ httpStatus, retryable, retryAfterMs }: GatewayError): boolean {
  if (httpStatus === 429 || httpStatus === 503) return retryable || retryAfterMs !== undefined;
  return retryable && (retryAfterMs ?? 0) > 0;
}

function retryAfter({ retryAfterMs }: GatewayError): string {
  return String(retryAfterMs === undefined ? RETRY_AFTER_DEFAULT_S : Math.max(1, Math.ceil(retryAfterMs / 1_000)));
}
