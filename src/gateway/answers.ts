import type { RequestCache } from '../core/books.ts';
import { type Completion, completionText } from '../core/completion.ts';
import type { CallId } from '../core/ids.ts';
import { ZERO_USD } from '../core/money.ts';
import type { ParameterName } from '../core/parameters.ts';
import type { CachedAnswer } from '../core/ports.ts';
import type { Candidate } from '../core/route-plan.ts';
import { NO_USAGE } from '../core/usage.ts';
import { bookAtOnce, bookEnd } from './book-request.ts';
import type { Call } from './call.ts';
import type { GatewayAnswer } from './gateway.ts';
import { settlePacing, withdrawPacing } from './pacing/settle-pacing.ts';
import type { GatewayParts } from './parts.ts';
import type { PlanAnswer } from './run-plan.ts';

/** An answer that knows which request made its upstream call. */
export type SharedAnswer = PlanAnswer & { readonly requestId: CallId };

/** The answer of this request's own upstream call. */
export function answerOwn(parts: GatewayParts, call: Call, answer: PlanAnswer, cache: RequestCache): GatewayAnswer {
  const { completion, data, attempts, costNanoUsd, candidate, fallbackReason, verification } = answer;
  const model = candidate.model.ref;
  const cost = costNanoUsd !== undefined && { costNanoUsd };
  const checked = verification && { verification };
  settlePacing(parts, call, answer);
  bookEnd(parts, call, {
    status: 'success',
    cache,
    model,
    attempts,
    usage: completion.usage,
    ...cost,
    ...(fallbackReason && { fallbackReason }),
    ...checked,
  });
  return {
    requestId: call.id,
    completion,
    ...(data !== undefined && { data }),
    model,
    plan: call.plan,
    cache,
    droppedParameters: droppedFrom(candidate, completion),
    ...cost,
    latencyMs: call.elapsedMs(),
    attempts,
    ...cutOf(attempts),
    ...checked,
  };
}

function cutOf(attempts: PlanAnswer['attempts']): Pick<GatewayAnswer, 'outputTokensCut'> {
  const outputTokensCut = attempts.at(-1)?.outputTokensCut;
  return outputTokensCut === undefined ? {} : { outputTokensCut };
}

/** Another request's upstream call answered this one too. */
export function answerShared(parts: GatewayParts, call: Call, shared: SharedAnswer): GatewayAnswer {
  const { costNanoUsd, requestId, completion, candidate } = shared;
  const model = candidate.model.ref;
  withdrawPacing(parts, call);
  bookEnd(parts, call, {
    status: 'success',
    cache: 'coalesced',
    model,
    coalescedInto: requestId,
    ...(costNanoUsd !== undefined && { savedNanoUsd: costNanoUsd }),
    ...FREE,
  });
  return freeAnswer(call, { completion, model, cache: 'coalesced' }, candidate);
}

export function answerFromCache(parts: GatewayParts, call: Call, hit: CachedAnswer): GatewayAnswer {
  const { costNanoUsd, model } = hit;
  const saved = costNanoUsd !== undefined && { savedNanoUsd: costNanoUsd };
  withdrawPacing(parts, call);
  bookAtOnce(parts, call, { status: 'success', cache: 'hit', model, ...saved, ...FREE });
  // The key that found it is that of the first candidate, and of who may answer in its place.
  const stronger = call.plan.verify?.stronger.find((candidate) => candidate.model.ref === model);
  return freeAnswer(call, { ...hit, cache: 'hit' }, stronger ?? call.plan.candidates[0]);
}

const FREE = { attempts: [], usage: NO_USAGE, costNanoUsd: ZERO_USD } as const;

/** An answer that cost nothing more and used no tokens. */
function freeAnswer(
  call: Call,
  { completion, model, cache }: Pick<GatewayAnswer, 'completion' | 'model' | 'cache'>,
  candidate: Candidate | undefined,
): GatewayAnswer {
  const checked = call.schema?.check(completionText(completion));
  return {
    requestId: call.id,
    completion: { ...completion, usage: NO_USAGE },
    ...(checked && 'data' in checked && { data: checked.data }),
    model,
    plan: call.plan,
    cache,
    droppedParameters: droppedFrom(candidate, completion),
    costNanoUsd: ZERO_USD,
    latencyMs: call.elapsedMs(),
    attempts: [],
  };
}

/** What the plan left out, and what the vendor then refused. */
function droppedFrom(candidate: Candidate | undefined, completion: Completion): readonly ParameterName[] {
  const { droppedParameters: planned = [] } = candidate ?? {};
  const { droppedParameters: refused = [] } = completion;
  return refused.length === 0 ? planned : [...new Set([...planned, ...refused])];
}
