import type { Route } from './http-types.ts';
import { MCP_ROUTES } from './mcp/route.ts';

/** Every endpoint. A new one is one file and one line here. */
export const ROUTES: readonly Route[] = [...MCP_ROUTES];
