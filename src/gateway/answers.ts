import type { RequestCache } from '../core/books.ts';
import { completionText } from '../core/completion.ts';
import type { CallId } from '../core/ids.ts';
import { ZERO_USD } from '../core/money.ts';
import type { CachedAnswer } from '../core/ports.ts';
import { NO_USAGE } from '../core/usage.ts';
import { bookEnd, bookStart } from './book-request.ts';
import { type Call, startOf } from './call.ts';
import type { GatewayAnswer } from './gateway.ts';
import type { GatewayParts } from './parts.ts';
import type { PlanAnswer } from './run-plan.ts';

/** An answer that knows which request made its upstream call. */
export type SharedAnswer = PlanAnswer & { readonly requestId: CallId };

/** The answer of this request's own upstream call. */
export function answerOwn(parts: GatewayParts, call: Call, answer: PlanAnswer, cache: RequestCache): GatewayAnswer {
  const { completion, data, attempts, costNanoUsd, candidate } = answer;
  const { model } = candidate;
  const latencyMs = call.elapsedMs();
  bookEnd(parts, call.id, { status: 'success', cache, latencyMs, model: model.ref });
  return {
    requestId: call.id,
    completion,
    ...(data !== undefined && { data }),
    model: model.ref,
    plan: call.plan,
    cached: false,
    ...(costNanoUsd !== undefined && { costNanoUsd }),
    latencyMs,
    attempts,
  };
}

/** Another request's upstream call answered this one too. */
export function answerShared(parts: GatewayParts, call: Call, shared: SharedAnswer): GatewayAnswer {
  const { costNanoUsd, requestId, completion } = shared;
  const { model } = shared.candidate;
  bookEnd(parts, call.id, {
    status: 'success',
    cache: 'coalesced',
    latencyMs: call.elapsedMs(),
    model: model.ref,
    coalescedInto: requestId,
    ...(costNanoUsd !== undefined && { savedNanoUsd: costNanoUsd }),
  });
  return freeAnswer(call, { completion, model: model.ref });
}

export function answerFromCache(parts: GatewayParts, call: Call, hit: CachedAnswer): GatewayAnswer {
  const { costNanoUsd, model } = hit;
  bookStart(parts, startOf(call, 'hit'));
  const saved = costNanoUsd !== undefined && { savedNanoUsd: costNanoUsd };
  bookEnd(parts, call.id, { status: 'success', cache: 'hit', latencyMs: call.elapsedMs(), model, ...saved });
  return freeAnswer(call, hit);
}

/** An answer that cost nothing more and used no tokens. */
function freeAnswer(call: Call, { completion, model }: Pick<GatewayAnswer, 'completion' | 'model'>): GatewayAnswer {
  const checked = call.schema?.check(completionText(completion));
  return {
    requestId: call.id,
    completion: { ...completion, usage: NO_USAGE },
    ...(checked && 'data' in checked && { data: checked.data }),
    model,
    plan: call.plan,
    cached: true,
    costNanoUsd: ZERO_USD,
    latencyMs: call.elapsedMs(),
    attempts: [],
  };
}
