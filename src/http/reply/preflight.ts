import type { OpenRequest } from '../request/open-request.ts';
import type { WholeReply } from './reply.ts';

const PREFLIGHT_MAX_AGE_S = 600;

/** The answer to a browser that asks whether a page may call; undefined when this is no such question. */
export function preflight({ incoming, settings }: OpenRequest): WholeReply | undefined {
  const { method, headers } = incoming;
  const { origin } = headers;
  if (method !== 'OPTIONS' || origin === undefined || !settings.allowedOrigins.includes(origin)) return undefined;
  if (headers['access-control-request-method'] === undefined) return undefined;
  const requested = headers['access-control-request-headers'];
  return {
    status: 204,
    headers: {
      'access-control-allow-methods': 'GET, POST, DELETE',
      ...(requested !== undefined && { 'access-control-allow-headers': requested }),
      'access-control-max-age': String(PREFLIGHT_MAX_AGE_S),
    },
    body: '',
  };
}

/** What lets the page read the answer: exactly this origin, never with cookies. */
export function corsHeaders(origin: string): Readonly<Record<string, string>> {
  return {
    'access-control-allow-origin': origin,
    'access-control-expose-headers': '*',
    vary: 'origin',
  };
}
