import { toGatewayError } from '../core/errors.ts';
import type { ChatRequest } from '../core/request.ts';
import { estimateTextTokens } from '../routing/estimate-tokens.ts';
import { answerFromCache, answerOwn, answerShared, type SharedAnswer } from './answers.ts';
import { bookFailure, bookStart } from './book-request.ts';
import { cacheKeyFor, isCacheable } from './cacheable.ts';
import { beginCall, type Call, startOf } from './call.ts';
import type { Flights } from './flights.ts';
import type { CallOptions, GatewayAnswer } from './gateway.ts';
import type { GatewayParts } from './parts.ts';
import { type PlanAnswer, runPlan } from './run-plan.ts';

/** One request from plan to answer, one line a hop. */
export async function complete(
  parts: GatewayParts,
  flights: Flights<SharedAnswer>,
  request: ChatRequest,
  options: CallOptions,
): Promise<GatewayAnswer> {
  const call = await beginCall(parts, request);
  const cacheMode = request.routing.cache;
  const hit = cacheMode === 'use' && call.cacheKey ? await parts.cache.read(call.cacheKey) : undefined;
  if (hit) return answerFromCache(parts, call, hit);
  const cache = cacheMode === 'use' ? 'miss' : cacheMode;
  bookStart(parts, startOf(call, cache));
  try {
    const { value, role } = await flights.join(flightKey(call), options, (crew) => callUpstream(parts, call, crew));
    return role === 'leader' ? answerOwn(parts, call, value, cache) : answerShared(parts, call, value);
  } catch (thrown) {
    throw bookFailure(parts, { id: call.id, cache, latencyMs: call.elapsedMs() }, toGatewayError(thrown));
  }
}

/**
 * Who shares a call: those that want the very same thing from the cache or fresh, of the same models
 * should the first one fail, at the same cost limit. A deadline is its caller's own, so such a request flies alone.
 */
function flightKey({ id, request, cacheKey, plan }: Call): string {
  const { cache, deadlineMs, costMax } = request.routing;
  if (cache !== 'use' || deadlineMs !== undefined || cacheKey === undefined) return id;
  return [cacheKey, costMax, ...plan.candidates.map(({ model }) => model.ref)].join(' ');
}

async function callUpstream(parts: GatewayParts, call: Call, crew: Required<CallOptions>): Promise<SharedAnswer> {
  const { clock } = parts;
  const { plan, request, schema, id } = call;
  parts.retryBudget.countRequest(clock.monotonicMs());
  const answer = await runPlan(parts, {
    plan,
    request,
    schema,
    frame: {
      requestId: id,
      signal: crew.signal,
      ...endOf(parts, call),
      estimate: { inputTokens: plan.inputTokensEstimated, outputTokens: estimateTextTokens },
    },
    onProgress: crew.onProgress,
  });
  await storeAnswer(parts, request, answer);
  return { ...answer, requestId: id };
}

/** The end of the call: the caller's deadline or our total limit, whichever comes first. */
function endOf({ clock, limits }: GatewayParts, { request, elapsedMs }: Call) {
  const deadlineMs = request.routing.deadlineMs ?? Number.POSITIVE_INFINITY;
  const beganAtMs = clock.monotonicMs() - elapsedMs();
  return {
    endsAtMs: beganAtMs + Math.min(deadlineMs, limits.totalMs),
    endKind: deadlineMs < limits.totalMs ? ('deadline' as const) : ('total' as const),
  };
}

/** An answer is stored under the model that gave it, whoever was asked first. */
async function storeAnswer(parts: GatewayParts, request: ChatRequest, answer: PlanAnswer): Promise<void> {
  const { completion, candidate, costNanoUsd } = answer;
  // The vendor's id belongs to the one call.
  const { providerRequestId: _id, ...kept } = completion;
  if (request.routing.cache === 'off' || !isCacheable(completion)) return;
  const key = cacheKeyFor(parts.cache, request, candidate);
  if (!key) return;
  const stored = { completion: kept, model: candidate.model.ref, storedAtMs: parts.clock.nowMs() };
  await parts.cache.write(key, { ...stored, ...(costNanoUsd !== undefined && { costNanoUsd }) });
}
