import type { AttemptSummary, RequestCache } from '../core/books.ts';
import { type GatewayError, toGatewayError } from '../core/errors.ts';
import type { ChatRequest } from '../core/request.ts';
import { answerFromCache, answerOwn, answerShared } from './answers.ts';
import { bookFailure, bookStart } from './book-request.ts';
import { beginCall, type Call, cacheOutcome, readCached } from './call.ts';
import { callUpstream } from './call-upstream.ts';
import type { Flights } from './flights.ts';
import type { CallOptions, GatewayAnswer } from './gateway.ts';
import { hasLimits } from './money/spending.ts';
import { settleFailedPacing } from './pacing/settle-pacing.ts';
import type { GatewayParts } from './parts.ts';
import type { PlanAnswer } from './run-plan.ts';

/** One request from plan to answer, one line a hop. */
export async function complete(
  parts: GatewayParts,
  flights: Flights<PlanAnswer>,
  request: ChatRequest,
  options: CallOptions,
): Promise<GatewayAnswer> {
  const call = await beginCall(parts, request);
  const hit = await readCached(parts, call);
  if (hit) return answerFromCache(parts, call, hit);
  const cache = cacheOutcome(call);
  bookStart(parts, call, cache);
  const { upstream = 'streamed', onBudgetReached } = options;
  let own: Promise<PlanAnswer> | undefined;
  try {
    const { value, role } = await flights.join(flightKey(parts, call), options, ({ signal, onProgress }) => {
      own = callUpstream(parts, call, { signal, onProgress, upstream, onBudgetReached });
      return own;
    });
    return role === 'leader' ? answerOwn(parts, call, value, cache) : answerShared(parts, call, value);
  } catch (thrown) {
    const error = toGatewayError(thrown);
    if (own && options.signal.aborted) bookWhenOver(parts, call, { own, error, cache });
    // The attempts of a call that others share are those of the request that began it.
    else bookFailed(parts, call, { error, cache, attempts: own ? error.attempts : [] });
    throw error.with({ requestId: call.id });
  }
}

type Failure = { readonly error: GatewayError; readonly cache: RequestCache };

function bookFailed(
  parts: GatewayParts,
  call: Call,
  { error, cache, attempts }: Failure & { readonly attempts: readonly AttemptSummary[] },
): void {
  settleFailedPacing(parts, call, attempts);
  bookFailure(parts, call, { error: error.with({ attempts }), cache });
}

/** Who leaves waits for nothing; what its call came to is known only when that has ended. */
function bookWhenOver(
  parts: GatewayParts,
  call: Call,
  { own, ...failure }: Failure & { readonly own: Promise<PlanAnswer> },
): void {
  const leftAfterMs = call.elapsedMs();
  const book = ({ attempts }: Pick<PlanAnswer, 'attempts'>) =>
    bookFailed(parts, { ...call, elapsedMs: () => leftAfterMs }, { ...failure, attempts });
  own.then(book, (thrown) => book(toGatewayError(thrown)));
}

/**
 * Who shares a call: those that want the very same thing from the cache or fresh, of the same models
 * should the first one fail, at the same cost limit. A deadline is its caller's own, and what one
 * candidate leaves out the next may not, so such requests fly alone.
 */
function flightKey({ spendingLimits }: GatewayParts, { id, request, cacheKey, plan }: Call): string {
  const { cache, deadlineMs, costMax } = request.routing;
  if (cache !== 'use' || deadlineMs !== undefined || cacheKey === undefined) return id;
  if (plan.candidates.some(({ droppedParameters }) => droppedParameters)) return id;
  const refs = plan.candidates.map(({ model }) => model.ref);
  // Whoever pays may have less left than another one of the tenant.
  const payer = hasLimits(spendingLimits) ? payerOf(request) : '';
  return [cacheKey, costMax, request.unsupportedParameters, ...refs, payer].join(' ');
}

function payerOf({ caller: { client, team, user }, metadata }: ChatRequest): string {
  return JSON.stringify([client, team, user, metadata]);
}
