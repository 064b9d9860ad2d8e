import type { HealthSnapshot } from '../core/health.ts';
import type { ModelCatalog } from '../core/ports.ts';
import type { ProviderSettings } from '../core/provider.ts';
import type { ChatRequest } from '../core/request.ts';
import type { Rejection, RoutePlan, RoutingTable } from '../core/route-plan.ts';
import { classify } from './complexity/classify.ts';
import { estimateInputTokens } from './estimate-input-tokens.ts';
import { chatDemands, createJudge } from './judge.ts';
import { nearestTiers } from './nearest-tiers.ts';
import { planReason } from './plan-reason.ts';
import { planVerification, reasonWithCheck } from './plan-verification.ts';
import { type Selection, selectLists } from './selection.ts';
import { createSieve, type Sieve } from './sieve.ts';

export type PlanInput = {
  readonly request: ChatRequest;
  readonly table: RoutingTable;
  readonly catalog: ModelCatalog;
  readonly providers: readonly ProviderSettings[];
  readonly health: HealthSnapshot;
  readonly nowMs: number;
};

/**
 * The decision for one request: which models in which order, which not, and why. Pure: the same
 * input gives the same plan. Throws `invalid_request`, `unknown_model` or `unknown_provider` for
 * names it cannot use; that nothing can serve is a plan without candidates.
 */
export function planRoute(input: PlanInput): RoutePlan {
  const { request, table, catalog, providers } = input;
  const { routing } = request;
  const inputTokens = estimateInputTokens(request);
  const classified = routing.tier === undefined ? classify(request) : undefined;
  const tier = classified?.tier ?? routing.tier ?? 'medium';
  const evidence = classified?.evidence ?? [];
  const selected = selectLists({ request, table, catalog, providers, tier, evidence });
  const strategy = routing.strategy ?? table.strategy;
  const judge = createJudge(input, chatDemands(request, inputTokens, tier));
  const checked = table.verify && planVerification({ request, table, selection: selected, judge, strategy });
  const selection = checked?.selection ?? selected;
  const sieve = createSieve(judge, strategy);
  for (const list of selection.lists) sieve.sift(list);
  if (selection.mayChangeTier) tryOtherTiers(sieve, selection, table);
  const { candidates } = sieve;
  const rejected = checked ? [...sieve.rejected, ...checked.rejected] : sieve.rejected;
  const reason = planReason(selection, { strategy, candidates, rejected });
  return {
    strategy,
    ...(selection.tier !== undefined && { tier: selection.tier }),
    ...(selection.task !== undefined && { task: selection.task }),
    evidence: selection.evidence,
    reason: checked ? reasonWithCheck(reason, checked.verify) : reason,
    candidates,
    rejected,
    ...(checked && { verify: checked.verify }),
    inputTokensEstimated: inputTokens,
    configHash: table.configHash,
  };
}

/**
 * A guessed tier whose models could never take this request (an image, tools, a long prompt, no
 * key) gives way to the nearest one whose models can. One that rests or costs too much does not.
 */
function tryOtherTiers(sieve: Sieve, { tier }: Selection, table: RoutingTable): void {
  if (tier === undefined) return;
  for (const near of nearestTiers(tier)) {
    if (sieve.candidates.length > 0 || sieve.rejected.some(mayServeLater)) return;
    const label = `tier ${near}, since no model of tier ${tier} can take the request`;
    sieve.sift({ label, refs: table.tiers[near], ranked: true });
  }
}

function mayServeLater({ code, retryAfterMs }: Rejection): boolean {
  return retryAfterMs !== undefined || code === 'budget_exceeded' || code === 'price_unknown';
}
