import { type NanoUsd, nanoUsd } from '../../core/money.ts';
import type { ChatRequest } from '../../core/request.ts';
import type { Candidate, RoutePlan } from '../../core/route-plan.ts';
import { measureInput } from '../../routing/estimate-input-tokens.ts';
import { estimateCost } from '../../routing/expected-cost.ts';

type Budget = {
  readonly request: ChatRequest;
  readonly plan: RoutePlan;
  /** By the request so far; undefined when it is unknown. */
  readonly spentNanoUsd: NanoUsd | undefined;
};

/**
 * The candidates that fit what the request has left of its cost limit; where only a shorter answer fits, it is
 * cut to that, as the plan does. None when what was spent is unknown.
 */
export function withinBudget(
  candidates: readonly Candidate[],
  { request, plan, spentNanoUsd }: Budget,
): readonly Candidate[] {
  const { routing, maxOutputTokens } = request;
  if (routing.costMax === undefined) return candidates;
  if (spentNanoUsd === undefined || spentNanoUsd >= routing.costMax) return [];
  const left = nanoUsd(routing.costMax - spentNanoUsd);
  const question = {
    ...measureInput(request),
    tier: plan.tier ?? 'medium',
    costMax: left,
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
  };
  return candidates.flatMap(({ outputTokensCap: _planned, ...candidate }) => {
    const cost = estimateCost(candidate.model, question);
    return cost.costMax !== undefined && cost.costMax <= left ? { ...candidate, ...cost } : [];
  });
}
