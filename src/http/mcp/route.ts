import type { Route } from '../http-types.ts';
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
    handle: (open, { mcp }) => answerAsWeb(open, (request) => answer(mcp, open, request)),
  };
}
