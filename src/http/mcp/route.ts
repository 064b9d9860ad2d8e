import type { ErrorCode } from '../../core/error-codes.ts';
import { GatewayError } from '../../core/errors.ts';
import type { HttpServices, Route } from '../http-types.ts';
import { idHeaders } from '../reply/error-reply.ts';
import { nameRefusal } from '../reply/name-refusal.ts';
import type { OpenRequest } from '../request/open-request.ts';
import { answerAsWeb } from './as-web.ts';
import type { McpEndpoint } from './mcp-endpoint.ts';

/** MCP in both eras: requests with POST; GET and DELETE belong to the sessions of the older one. */
export const MCP_ROUTES: readonly Route[] = [
  mcpRoute('POST', (endpoint, ...asked) => endpoint.post(...asked)),
  mcpRoute('GET', (endpoint, ...asked) => endpoint.get(...asked)),
  mcpRoute('DELETE', (endpoint, ...asked) => endpoint.delete(...asked)),
];

function mcpRoute(
  method: Route['method'],
  answer: (endpoint: McpEndpoint, open: OpenRequest, request: Request) => Promise<Response>,
): Route {
  return {
    method,
    path: '/mcp',
    dialect: 'mcp',
    access: 'token',
    handle: (open, services) =>
      answerAsWeb(open, async (request) => named(await answer(services.mcp, open, request), services)),
  };
}

/** A refusal in MCP's own words gets an id as all others do. But not 405: clients of the older era try whether there is a stream. */
function named(response: Response, services: HttpServices): Response {
  const { status: httpStatus } = response;
  if (httpStatus < 400 || httpStatus === 405) return response;
  const error = nameRefusal(services, new GatewayError(codeOf(httpStatus), 'MCP refuses it.', { httpStatus }));
  for (const [name, value] of Object.entries(idHeaders(error))) response.headers.set(name, value);
  return response;
}

function codeOf(httpStatus: number): ErrorCode {
  if (httpStatus === 404) return 'not_found';
  if (httpStatus === 413) return 'too_large';
  if (httpStatus === 429) return 'rate_limited';
  if (httpStatus === 503) return 'provider_overloaded';
  return httpStatus < 500 ? 'invalid_request' : 'internal';
}
