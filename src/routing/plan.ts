import type { HealthSnapshot } from '../core/health.ts';
import type { ModelCatalog } from '../core/ports.ts';
import type { ProviderSettings } from '../core/provider.ts';
import type { ChatRequest, Tier } from '../core/request.ts';
import type { RoutePlan, RoutingTable } from '../core/route-plan.ts';
import { classify, type SiteView } from './complexity/classify.ts';
import { measureInput } from './estimate-input-tokens.ts';
import { chatDemands, createJudge } from './judge.ts';
import type { PacingState } from './pacing/pacing-state.ts';
import { steerSelection } from './pacing/steer-selection.ts';
import { planReason } from './plan-reason.ts';
import { planVerification, reasonWithCheck } from './plan-verification.ts';
import { selectLists } from './selection.ts';
import { createSieve } from './sieve.ts';
import { siftLists } from './sift-lists.ts';

export type PlanInput = {
  readonly request: ChatRequest;
  readonly table: RoutingTable;
  readonly catalog: ModelCatalog;
  readonly providers: readonly ProviderSettings[];
  readonly health: HealthSnapshot;
  readonly nowMs: number;
  /** Absent: nothing was learnt here, or learning is off. */
  readonly site?: SiteView | undefined;
  /** What the requests so far say; absent: no cost target is held. */
  readonly pacing?: PacingState | undefined;
  /** The tier of the user turn that this request is a step of the tool loop of. */
  readonly turnTier?: Tier | undefined;
};

/**
 * The decision for one request: which models in which order, which not, and why. Pure: the same
 * input gives the same plan. Throws `invalid_request`, `unknown_model` or `unknown_provider` for
 * names it cannot use; that nothing can serve is a plan without candidates.
 */
export function planRoute(input: PlanInput): RoutePlan {
  const { request, table, catalog, providers } = input;
  const { routing } = request;
  const size = measureInput(request);
  const classified = routing.tier === undefined ? classify(request, input.site) : undefined;
  const asked = classified?.tier ?? routing.tier ?? 'medium';
  const evidence = classified?.evidence ?? [];
  const chosen = selectLists({ request, table, catalog, providers, tier: asked, evidence });
  const steered = classified && steerSelection(input, { selection: chosen, classified, size });
  const { selection: selected, tier, pacing, isPinned } = steered ?? { selection: chosen, tier: asked };
  const strategy = routing.strategy ?? table.strategy;
  const judge = createJudge(input, chatDemands(request, size, tier));
  const checked = table.verify && planVerification({ request, table, selection: selected, judge, strategy });
  const selection = checked?.selection ?? selected;
  const sieve = createSieve(judge, strategy);
  siftLists(sieve, selection, table);
  const candidates = sieve.unserved.length > 0 ? [...sieve.candidates, ...sieve.unserved] : sieve.candidates;
  const rejected = checked ? [...sieve.rejected, ...checked.rejected] : sieve.rejected;
  const reason = planReason(selection, { strategy, candidates, rejected });
  return {
    strategy,
    tier: selection.tier,
    task: selection.task,
    evidence: selection.evidence,
    pacing,
    isPinned,
    reason: checked ? reasonWithCheck(reason, checked.verify) : reason,
    candidates,
    rejected,
    verify: checked?.verify,
    inputTokensEstimated: size.inputTokens,
    configHash: table.configHash,
  };
}
