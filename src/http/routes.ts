import { COUNT_TOKENS_ROUTE } from './anthropic/count-tokens-route.ts';
import { MESSAGES_ROUTE } from './anthropic/messages-route.ts';
import type { Route } from './http-types.ts';
import { MCP_ROUTES } from './mcp/route.ts';
import { CHAT_COMPLETIONS_ROUTE } from './openai/chat-route.ts';
import { EMBEDDINGS_ROUTE } from './openai/embeddings-route.ts';
import { MODEL_ROUTE, MODELS_ROUTE } from './openai/models-route.ts';
import { HEALTHZ, METRICS, READYZ } from './operations/operations-routes.ts';
import { RESPONSES_ROUTES } from './responses/responses-route.ts';

/** Every endpoint. A new one is one file and one line here. */
export const ROUTES: readonly Route[] = [
  CHAT_COMPLETIONS_ROUTE,
  EMBEDDINGS_ROUTE,
  MODELS_ROUTE,
  MODEL_ROUTE,
  ...RESPONSES_ROUTES,
  MESSAGES_ROUTE,
  COUNT_TOKENS_ROUTE,
  ...MCP_ROUTES,
  HEALTHZ,
  READYZ,
  METRICS,
];
