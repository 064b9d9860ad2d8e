import type { RequestCache } from '../core/books.ts';
import { type Completion, completionText } from '../core/completion.ts';
import { ZERO_USD } from '../core/money.ts';
import type { ParameterName } from '../core/parameters.ts';
import type { CachedAnswer } from '../core/ports.ts';
import type { Candidate } from '../core/route-plan.ts';
import { NO_USAGE } from '../core/usage.ts';
import { withBareJson } from './bare-json.ts';
import { bookAtOnce, bookEnd } from './book-request.ts';
import type { Call } from './call.ts';
import type { GatewayAnswer } from './gateway.ts';
import { settlePacing, withdrawPacing } from './pacing/settle-pacing.ts';
import type { GatewayParts } from './parts.ts';
import type { PlanAnswer } from './run-plan.ts';

/** The answer of this request's own upstream call. */
export function answerOwn(parts: GatewayParts, call: Call, answer: PlanAnswer, cache: RequestCache): GatewayAnswer {
  const { completion, data, attempts, costNanoUsd, candidate, fallbackReason, verification } = answer;
  const { usage } = completion;
  const model = candidate.model.ref;
  settlePacing(parts, call, answer);
  const ending = {
    status: 'success',
    cache,
    model,
    attempts,
    usage,
    costNanoUsd,
    fallbackReason,
    verification,
  } as const;
  return {
    requestId: call.id,
    completion: data === undefined ? completion : withBareJson(completion),
    data,
    model,
    plan: call.plan,
    cache,
    droppedParameters: droppedFrom(candidate, completion),
    costNanoUsd,
    latencyMs: bookEnd(parts, call, ending),
    attempts,
    outputTokensCut: attempts.at(-1)?.outputTokensCut,
    verification,
  };
}

/** Another request's upstream call answered this one too. */
export function answerShared(parts: GatewayParts, call: Call, shared: PlanAnswer): GatewayAnswer {
  const { costNanoUsd: savedNanoUsd, requestId: coalescedInto, completion, candidate } = shared;
  const model = candidate.model.ref;
  const cache = 'coalesced';
  withdrawPacing(parts, call);
  const latencyMs = bookEnd(parts, call, { status: 'success', cache, model, coalescedInto, savedNanoUsd, ...FREE });
  return freeAnswer(call, { completion: { ...completion, usage: NO_USAGE }, model, cache, latencyMs }, candidate);
}

export function answerFromCache(parts: GatewayParts, call: Call, hit: CachedAnswer): GatewayAnswer {
  const { costNanoUsd: savedNanoUsd, model } = hit;
  const completion = { ...hit.completion, usage: NO_USAGE };
  const cache = 'hit';
  withdrawPacing(parts, call);
  const latencyMs = bookAtOnce(parts, call, { status: 'success', cache, model, savedNanoUsd, ...FREE });
  // The key that found it is that of the first candidate, and of who may answer in its place.
  const stronger = call.plan.verify?.stronger.find((candidate) => candidate.model.ref === model);
  return freeAnswer(call, { completion, model, cache, latencyMs }, stronger ?? call.plan.candidates[0]);
}

const FREE = { attempts: [], usage: NO_USAGE, costNanoUsd: ZERO_USD } as const;

/** An answer that cost nothing more. */
function freeAnswer(
  call: Call,
  { completion, model, cache, latencyMs }: Pick<GatewayAnswer, 'completion' | 'model' | 'cache' | 'latencyMs'>,
  candidate: Candidate | undefined,
): GatewayAnswer {
  const checked = call.schema?.check(completionText(completion));
  const data = checked && 'data' in checked ? checked.data : undefined;
  return {
    requestId: call.id,
    completion: data === undefined ? completion : withBareJson(completion),
    data,
    model,
    plan: call.plan,
    cache,
    droppedParameters: droppedFrom(candidate, completion),
    costNanoUsd: ZERO_USD,
    latencyMs,
    attempts: [],
  };
}

/** What the plan left out, and what the vendor then refused. */
function droppedFrom(candidate: Candidate | undefined, completion: Completion): readonly ParameterName[] {
  const { droppedParameters: planned = [] } = candidate ?? {};
  const { droppedParameters: refused = [] } = completion;
  return refused.length === 0 ? planned : [...new Set([...planned, ...refused])];
}
