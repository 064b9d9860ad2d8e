import type { IncomingHttpHeaders } from 'node:http';
import { parseTraceparent } from '../../core/network/traceparent.ts';
import type { CallerInfo } from '../../core/request.ts';
import type { Route } from '../http-types.ts';

const CLIENT_LENGTH_MAX = 64;

/** Whoever holds the token, where it came in, and what its program says about itself. */
export function describeCaller(
  who: Pick<CallerInfo, 'tenant' | 'team' | 'user'>,
  { method, path }: Pick<Route, 'method' | 'path'>,
  headers: IncomingHttpHeaders,
): CallerInfo {
  const { traceparent } = headers;
  const client = clientName(headers['user-agent']);
  const caller = { ...who, client, entry: `${method} ${path}` };
  return typeof traceparent === 'string' && parseTraceparent(traceparent) ? { ...caller, traceparent } : caller;
}

/** `OpenAI/JS 7.55.0` is `OpenAI/JS`, `curl/8.5.0` is `curl`: versions would make a client many. */
function clientName(userAgent: string | undefined): string {
  const product =
    userAgent
      ?.trim()
      .split(/[\s(]/, 1)[0]
      ?.replace(/\/v?\d.*$/, '') ?? '';
  return /^[\x21-\x7e]+$/.test(product) ? product.slice(0, CLIENT_LENGTH_MAX) : 'http';
}
