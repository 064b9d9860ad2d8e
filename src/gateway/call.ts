import { refuseExcessiveArguments, validateToolPairing } from '../core/content/tool-calls.ts';
import { type CacheKey, createCallId } from '../core/ids.ts';
import type { CachedAnswer } from '../core/ports.ts';
import type { ChatRequest } from '../core/request.ts';
import type { RoutePlan } from '../core/route-plan.ts';
import { elapsedMs } from '../resilience/elapsed-ms.ts';
import type { BookedRequest } from './book-request.ts';
import { cacheKeyFor } from './cacheable.ts';
import type { GatewayParts } from './parts.ts';
import { planRequest } from './plan-request.ts';
import { type AnswerSchema, parseAnswerSchema } from './structured-output.ts';

/** One request under way. */
export type Call = BookedRequest & {
  readonly request: ChatRequest;
  readonly plan: RoutePlan;
  readonly schema: AnswerSchema | undefined;
  /** For the plan's first candidate; absent without one or with the cache off. */
  readonly cacheKey: CacheKey | undefined;
  /** On the monotonic clock. */
  readonly begunAtMs: number;
};

/** Checks and plans. What throws here was refused: it is not a request in the books. */
export async function beginCall(
  parts: GatewayParts,
  asked: ChatRequest,
  { streamed = false, isLive = true }: { readonly streamed?: boolean; readonly isLive?: boolean } = {},
): Promise<Call> {
  const { clock } = parts;
  const begunAtMs = clock.monotonicMs();
  const startedAtMs = clock.nowMs();
  const request = parts.cache.isEnabled ? asked : withoutCache(asked);
  const schema = request.responseFormat && parseAnswerSchema(request.responseFormat);
  validateToolPairing(request.messages);
  refuseExcessiveArguments(request.messages);
  const plan = planRequest(parts, { request, catalog: await parts.catalog(), nowMs: startedAtMs, isLive });
  return {
    id: createCallId(startedAtMs),
    kind: 'chat',
    caller: request.caller,
    metadata: request.metadata,
    streamed,
    request,
    plan,
    schema,
    cacheKey:
      request.routing.cache === 'off' ? undefined : cacheKeyFor(parts.cache, request, plan.candidates[0], plan.verify),
    startedAtMs,
    begunAtMs,
    elapsedMs: () => elapsedMs(begunAtMs, clock.monotonicMs()),
  };
}

/** As if each caller had said so: who turns the cache off may ask the same several times for as many answers. */
function withoutCache(request: ChatRequest): ChatRequest {
  return { ...request, routing: { ...request.routing, cache: 'off' } };
}

/** The answer that is there already, when the caller takes one. */
export function readCached(
  { cache }: GatewayParts,
  { cacheKey, request }: Call,
): Promise<CachedAnswer | undefined> | undefined {
  return request.routing.cache === 'use' && cacheKey ? cache.read(cacheKey) : undefined;
}

/** How a call is booked that the cache did not answer. */
export function cacheOutcome({ request }: Call): 'miss' | 'refresh' | 'off' {
  return request.routing.cache === 'use' ? 'miss' : request.routing.cache;
}
