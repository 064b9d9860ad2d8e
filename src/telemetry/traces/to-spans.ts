import type { AttemptSummary } from '../../core/books.ts';
import { type ErrorCode, errorPolicy } from '../../core/error-codes.ts';
import { type ProviderId, type ProviderKind, parseModelRef } from '../../core/model.ts';
import { toUsd } from '../../core/money.ts';
import type { RequestEvent } from '../../core/observer.ts';
import { totalInputTokens } from '../../core/usage.ts';
import { ATTRIBUTE } from './span-names.ts';

/** A span before it has ids; its children lie within it. Holds no content. */
export type SpanPlan = {
  readonly name: string;
  readonly kind: 'server' | 'internal' | 'client';
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly error?: ErrorCode;
  readonly children: readonly SpanPlan[];
};

/** What traces tell of a provider besides its name. */
export type ProviderFacts = { readonly kind: ProviderKind; readonly address?: string; readonly port?: number };

/** Known values of `gen_ai.provider.name`, where they are not our kinds. */
const PROVIDER_NAMES: Partial<Record<ProviderKind, string>> = { gemini: 'gcp.gemini' };

/**
 * One request as a tree: how it came in (where that is known), the gateway's work, and a span for each
 * attempt. Made after the fact, since everything is known then.
 */
export function toSpans(event: RequestEvent, factsOf: (id: ProviderId) => ProviderFacts | undefined): SpanPlan {
  const span = { startMs: event.startedAtMs, endMs: event.startedAtMs + event.latencyMs };
  const failure = event.error && { error: event.error };
  const gateway: SpanPlan = {
    ...span,
    ...failure,
    name: `signalbox ${event.kind}`,
    kind: 'internal',
    attributes: gatewayAttributes(event),
    children: event.attempts.map((attempt) => attemptSpan(event, attempt, factsOf)),
  };
  if (event.entry === undefined) return gateway;
  const attributes = entryAttributes(event);
  const isFailure = !isCallersFault(attributes[ATTRIBUTE.httpStatus]);
  return { ...span, ...(isFailure && failure), name: event.entry, kind: 'server', attributes, children: [gateway] };
}

/** No error of a server: https://opentelemetry.io/docs/specs/semconv/http/http-spans/#status. */
function isCallersFault(httpStatus: SpanPlan['attributes'][string]): boolean {
  return typeof httpStatus === 'number' && httpStatus >= 400 && httpStatus < 500;
}

function gatewayAttributes(event: RequestEvent): SpanPlan['attributes'] {
  const { plan } = event;
  return {
    [ATTRIBUTE.requestId]: event.id,
    [ATTRIBUTE.status]: event.status,
    [ATTRIBUTE.cache]: event.cache,
    [ATTRIBUTE.strategy]: plan.strategy,
    [ATTRIBUTE.tier]: plan.tier,
    [ATTRIBUTE.task]: plan.task,
    [ATTRIBUTE.rule]: plan.rule,
    [ATTRIBUTE.fallbackReason]: event.fallbackReason,
    [ATTRIBUTE.verification]: event.verification?.outcome,
    [ATTRIBUTE.doubt]: event.verification?.doubt,
    [ATTRIBUTE.configHash]: plan.configHash,
    [ATTRIBUTE.model]: event.model,
    [ATTRIBUTE.costUsd]: event.costNanoUsd === undefined ? undefined : toUsd(event.costNanoUsd),
    [ATTRIBUTE.errorType]: event.error,
  };
}

/** `tools/call complete` follows the MCP conventions, `POST /v1/messages` those of HTTP. */
function entryAttributes({ entry = '', error, status, streamed }: RequestEvent): SpanPlan['attributes'] {
  const [method = '', target = ''] = entry.split(' ');
  if (method.includes('/')) {
    return {
      [ATTRIBUTE.mcpMethod]: method,
      [ATTRIBUTE.operation]: 'execute_tool',
      [ATTRIBUTE.toolName]: target,
      [ATTRIBUTE.errorType]: error,
    };
  }
  // A stream that was cut has long said 200.
  const httpStatus = error && !(streamed && status === 'truncated') ? errorPolicy(error).httpStatus : 200;
  return {
    [ATTRIBUTE.httpMethod]: method,
    [ATTRIBUTE.httpRoute]: target,
    [ATTRIBUTE.httpStatus]: httpStatus,
    [ATTRIBUTE.errorType]: error,
  };
}

function attemptSpan(
  event: RequestEvent,
  attempt: AttemptSummary,
  factsOf: (id: ProviderId) => ProviderFacts | undefined,
): SpanPlan {
  const { provider = '', name = '' } = parseModelRef(attempt.model) ?? {};
  const facts = factsOf(provider);
  const operation = event.kind === 'chat' ? 'chat' : 'embeddings';
  const { usage, error, firstTokenMs } = attempt;
  return {
    name: `${operation} ${name}`,
    kind: 'client',
    startMs: attempt.startedAtMs,
    endMs: attempt.startedAtMs + attempt.latencyMs,
    ...(error && { error }),
    attributes: {
      [ATTRIBUTE.operation]: operation,
      [ATTRIBUTE.provider]: facts ? (PROVIDER_NAMES[facts.kind] ?? facts.kind) : provider,
      [ATTRIBUTE.requestModel]: name,
      [ATTRIBUTE.responseModel]: attempt.responseModel,
      [ATTRIBUTE.timeToFirstChunk]: firstTokenMs === undefined ? undefined : firstTokenMs / 1_000,
      [ATTRIBUTE.inputTokens]: usage && totalInputTokens(usage),
      [ATTRIBUTE.outputTokens]: usage?.outputTokens,
      [ATTRIBUTE.cacheReadTokens]: usage?.cachedInputTokens || undefined,
      [ATTRIBUTE.cacheWriteTokens]: usage?.cacheWriteTokens || undefined,
      [ATTRIBUTE.reasoningTokens]: usage?.reasoningTokens || undefined,
      [ATTRIBUTE.attemptStatus]: attempt.status,
      [ATTRIBUTE.attemptRole]: attempt.role,
      [ATTRIBUTE.serverAddress]: facts?.address,
      [ATTRIBUTE.serverPort]: facts?.port,
      [ATTRIBUTE.errorType]: error,
    },
    children: [],
  };
}
