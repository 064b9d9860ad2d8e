/**
 * Names of OpenTelemetry's semantic conventions that Signalbox writes, in one place since those of
 * GenAI and MCP may still change. Sources: opentelemetry.io/docs/specs/semconv, registry of
 * attributes and the pages "gen-ai/gen-ai-spans", "gen-ai/mcp" and "http/http-spans".
 */
export const ATTRIBUTE = {
  operation: 'gen_ai.operation.name',
  provider: 'gen_ai.provider.name',
  requestModel: 'gen_ai.request.model',
  responseModel: 'gen_ai.response.model',
  timeToFirstChunk: 'gen_ai.response.time_to_first_chunk',
  inputTokens: 'gen_ai.usage.input_tokens',
  outputTokens: 'gen_ai.usage.output_tokens',
  cacheReadTokens: 'gen_ai.usage.cache_read.input_tokens',
  cacheWriteTokens: 'gen_ai.usage.cache_creation.input_tokens',
  reasoningTokens: 'gen_ai.usage.reasoning.output_tokens',
  toolName: 'gen_ai.tool.name',
  mcpMethod: 'mcp.method.name',
  httpMethod: 'http.request.method',
  httpRoute: 'http.route',
  httpStatus: 'http.response.status_code',
  errorType: 'error.type',
  serverAddress: 'server.address',
  serverPort: 'server.port',
  serviceName: 'service.name',
  serviceVersion: 'service.version',
  // Our own: nobody has names for these.
  requestId: 'signalbox.request_id',
  attemptStatus: 'signalbox.attempt.status',
  attemptRole: 'signalbox.attempt.role',
  verification: 'signalbox.verification.outcome',
  doubt: 'signalbox.verification.doubt',
  status: 'signalbox.status',
  model: 'signalbox.model',
  cache: 'signalbox.cache',
  strategy: 'signalbox.route.strategy',
  tier: 'signalbox.route.tier',
  task: 'signalbox.route.task',
  rule: 'signalbox.route.rule',
  fallbackReason: 'signalbox.route.fallback_reason',
  configHash: 'signalbox.config_hash',
  costUsd: 'signalbox.cost_usd',
} as const;
