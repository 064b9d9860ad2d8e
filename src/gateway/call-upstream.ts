import type { ChatRequest } from '../core/request.ts';
import { estimateTextTokens } from '../routing/estimate-tokens.ts';
import type { AnswerSink } from './answer-sink.ts';
import { cacheKeyFor, isCacheable } from './cacheable.ts';
import type { Call } from './call.ts';
import type { Crew } from './flights.ts';
import type { CallOptions } from './gateway.ts';
import { spendingOf } from './money/spending-of.ts';
import type { GatewayParts } from './parts.ts';
import { type PlanAnswer, type PlanRun, runPlan } from './run-plan.ts';
import { fitOf } from './structured-output.ts';
import { runVerified } from './verify/run-verified.ts';

export type UpstreamOptions = Crew & {
  readonly upstream: NonNullable<CallOptions['upstream']>;
  readonly onBudgetReached?: CallOptions['onBudgetReached'];
  /** Takes the answer while it arrives; then it is checked against no schema, since it cannot be taken back. */
  readonly sink?: AnswerSink;
};

/** Asks the plan's candidates and keeps the answer in the cache. */
export async function callUpstream(parts: GatewayParts, call: Call, options: UpstreamOptions): Promise<PlanAnswer> {
  const { plan, request, schema, id } = call;
  const { signal, upstream, onProgress, onBudgetReached } = options;
  // What was streamed cannot be taken back: an answer that is checked is handed over whole.
  const sink = plan.verify ? undefined : options.sink;
  // The caller's deadline or our total limit, whichever comes first.
  const { totalMs } = parts.limits;
  const { deadlineMs = Number.POSITIVE_INFINITY } = request.routing;
  parts.retryBudget.countRequest(call.begunAtMs);
  const run: PlanRun = {
    plan,
    request,
    schema: sink ? undefined : schema,
    frame: {
      requestId: id,
      signal,
      endsAtMs: call.begunAtMs + Math.min(deadlineMs, totalMs),
      endKind: deadlineMs < totalMs ? 'deadline' : 'total',
      estimate: { inputTokens: plan.inputTokensEstimated, outputTokens: estimateTextTokens },
    },
    upstream,
    onProgress,
    spending: spendingOf(parts, request, plan),
    onBudgetReached,
    sink,
  };
  const given = await (plan.verify ? runVerified(parts, run, plan.verify) : runPlan(parts, run));
  if (!plan.verify && run.schema && given.fallbackReason === 'malformed_response') tellUnfit(parts, call);
  const answer = sink ? withData(call, given) : given;
  storeAnswer(parts, call, answer);
  return answer;
}

/** Another model had to answer, since what the first one said was not the JSON asked for. */
function tellUnfit({ outcomes }: GatewayParts, { id, request, plan }: Call): void {
  const [first] = plan.candidates;
  if (first) outcomes?.answerJudged({ requestId: id, request, model: first.model.ref, failure: 1, source: 'fallback' });
}

/** The parsed JSON of an answer that fits what was asked for. */
function withData({ schema }: Call, answer: PlanAnswer): PlanAnswer {
  if (!schema) return answer;
  try {
    const { data } = fitOf(answer.completion, schema);
    return data === undefined ? answer : { ...answer, data };
  } catch {
    // A schema that takes too long to check: the answer is given already, only unchecked.
    return answer;
  }
}

/** An answer is stored under the model that gave it, whoever was asked first, and under what was really sent. */
function storeAnswer(parts: GatewayParts, call: Call, answer: PlanAnswer): void {
  const { request, schema, plan } = call;
  const { completion, candidate, costNanoUsd, data, verification } = answer;
  if (request.routing.cache === 'off' || !isCacheable(completion, request.tools)) return;
  // One that was doubted and given all the same is not worth giving again.
  if (verification?.outcome === 'kept') return;
  // Who asks for JSON gets it from the cache as well.
  if (schema && data === undefined && completion.finishReason.unified === 'stop') return;
  const { content, finishReason, alternatives, model, droppedParameters: refused = [] } = completion;
  const isFirst = candidate === plan.candidates[0] || verification?.outcome === 'escalated';
  const asAsked = isFirst && refused.length === 0;
  const key = asAsked ? call.cacheKey : cacheKeyFor(parts.cache, withoutParameters(request, refused), candidate);
  if (!key) return;
  // Not awaited: a cache that cannot be written costs a hit later, no answer now.
  void parts.cache.write(key, {
    completion: { content, finishReason, alternatives, model },
    model: candidate.model.ref,
    costNanoUsd,
    storedAtMs: parts.clock.nowMs(),
  });
}

function withoutParameters(request: ChatRequest, refused: readonly (keyof ChatRequest)[]): ChatRequest {
  if (refused.length === 0) return request;
  const kept: Partial<Record<keyof ChatRequest, unknown>> = { ...request };
  for (const name of refused) delete kept[name];
  return kept as ChatRequest;
}
