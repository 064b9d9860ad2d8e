import type { RequestCache, RequestStart } from '../core/books.ts';
import { type CacheKey, type CallId, createCallId } from '../core/ids.ts';
import type { ChatRequest } from '../core/request.ts';
import type { RoutePlan } from '../core/route-plan.ts';
import { validateToolPairing } from '../core/tool-calls.ts';
import { cacheKeyFor } from './cacheable.ts';
import type { GatewayParts } from './parts.ts';
import { planRequest } from './plan-request.ts';
import { type AnswerSchema, parseAnswerSchema } from './structured-output.ts';

/** One request under way. */
export type Call = {
  readonly id: CallId;
  readonly request: ChatRequest;
  readonly plan: RoutePlan;
  readonly schema: AnswerSchema | undefined;
  /** For the plan's first candidate; absent without one or with the cache off. */
  readonly cacheKey: CacheKey | undefined;
  readonly startedAtMs: number;
  readonly elapsedMs: () => number;
};

/** The row a call starts with in the books. */
export function startOf({ id, request, plan, startedAtMs }: Call, cache: RequestCache): RequestStart {
  const { tier, task, strategy, rule, configHash } = plan;
  const { tenant, client } = request.caller;
  return {
    id,
    startedAtMs,
    kind: 'chat',
    tenant,
    client,
    ...(tier && { tier }),
    ...(task && { task }),
    strategy,
    ...(rule !== undefined && { rule }),
    cache,
    configHash,
  };
}

/** Checks and plans. What throws here was refused: it is not a request in the books. */
export async function beginCall(parts: GatewayParts, request: ChatRequest): Promise<Call> {
  const { clock } = parts;
  const begunAtMs = clock.monotonicMs();
  const startedAtMs = clock.nowMs();
  const schema = request.responseFormat && parseAnswerSchema(request.responseFormat);
  validateToolPairing(request.messages);
  const plan = await planRequest(parts, request);
  return {
    id: createCallId(),
    request,
    plan,
    schema,
    cacheKey: request.routing.cache === 'off' ? undefined : cacheKeyFor(parts.cache, request, plan.candidates[0]),
    startedAtMs,
    elapsedMs: () => Math.max(0, Math.round(clock.monotonicMs() - begunAtMs)),
  };
}
