import type { HttpContext, HttpServices, Route } from '../http-types.ts';
import type { McpEndpoint } from './mcp-endpoint.ts';

/** MCP in both eras: requests with POST; GET and DELETE belong to the sessions of the older one. */
export const MCP_ROUTES: readonly Route[] = [
  mcpRoute('POST', (endpoint, context) => endpoint.post(context)),
  mcpRoute('GET', (endpoint, context) => endpoint.get(context)),
  mcpRoute('DELETE', (endpoint, context) => endpoint.delete(context)),
];

function mcpRoute(
  method: Route['method'],
  answer: (endpoint: McpEndpoint, context: HttpContext) => Promise<Response>,
): Route {
  return {
    method,
    path: '/mcp',
    dialect: 'mcp',
    access: 'token',
    handle: (context: HttpContext, { mcp }: HttpServices) => answer(mcp, context),
  };
}
