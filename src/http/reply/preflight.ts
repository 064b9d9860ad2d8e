import type { HttpSettings } from '../http-settings.ts';
import type { HttpContext } from '../http-types.ts';

const PREFLIGHT_MAX_AGE_S = 600;

/** The answer to a browser that asks whether a page may call; undefined when this is no such question. */
export function preflight(context: HttpContext, { allowedOrigins }: HttpSettings): Response | undefined {
  const { method, headers } = context.env.incoming;
  const { origin } = headers;
  if (method !== 'OPTIONS' || origin === undefined || !allowedOrigins.includes(origin)) return undefined;
  if (headers['access-control-request-method'] === undefined) return undefined;
  const requested = headers['access-control-request-headers'];
  return new Response(null, {
    status: 204,
    headers: {
      'access-control-allow-methods': 'GET, POST, DELETE',
      ...(requested !== undefined && { 'access-control-allow-headers': requested }),
      'access-control-max-age': String(PREFLIGHT_MAX_AGE_S),
    },
  });
}

/** What lets the page read the answer: exactly this origin, never with cookies. */
export function corsHeaders(origin: string): Readonly<Record<string, string>> {
  return {
    'access-control-allow-origin': origin,
    'access-control-expose-headers': '*',
    vary: 'origin',
  };
}
