import type { Route } from './http-types.ts';
import { MCP_ROUTES } from './mcp/route.ts';
import { CHAT_COMPLETIONS_ROUTE } from './openai/chat-route.ts';
import { EMBEDDINGS_ROUTE } from './openai/embeddings-route.ts';
import { MODEL_ROUTE, MODELS_ROUTE } from './openai/models-route.ts';

/** Every endpoint. A new one is one file and one line here. */
export const ROUTES: readonly Route[] = [
  CHAT_COMPLETIONS_ROUTE,
  EMBEDDINGS_ROUTE,
  MODELS_ROUTE,
  MODEL_ROUTE,
  ...MCP_ROUTES,
];
