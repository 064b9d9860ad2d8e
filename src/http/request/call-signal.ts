import type { HttpContext } from '../http-types.ts';

/** Aborts when the client goes or the server ends; its reason is a `GatewayError`. */
export function callSignal(context: HttpContext): AbortSignal {
  return context.env.open.signal;
}
