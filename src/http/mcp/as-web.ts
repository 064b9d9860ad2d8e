import { getRequestListener } from '@hono/node-server';
import type { OpenRequest } from '../request/open-request.ts';

/** In the place of the Host header that HTTP/1.0 does not have: a URL needs one, and nobody reads it. */
const HOST_UNSAID = 'localhost';

/**
 * Answers in the web's terms, `Request` and `Response`, which are what the MCP SDK speaks. Rejects as `answer` does.
 * The listener puts lighter ones of its own in the place of the platform's, which cost several times as much.
 */
export async function answerAsWeb(
  { incoming, outgoing }: OpenRequest,
  answer: (request: Request) => Promise<Response>,
): Promise<'sent'> {
  let failure: { readonly thrown: unknown } | undefined;
  const errorHandler = (thrown: unknown) => {
    failure = { thrown };
  };
  // What is left of a body is drained for all routes alike.
  const options = { errorHandler, autoCleanupIncoming: false, hostname: HOST_UNSAID };
  await getRequestListener(answer, options)(incoming, outgoing);
  if (failure) throw failure.thrown;
  return 'sent';
}
