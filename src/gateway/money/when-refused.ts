import { formatUsd } from '../../core/format-usd.ts';
import { toUsd } from '../../core/money.ts';
import { type QuotaRefusal, usedOf } from '../../core/quota.ts';
import { TIERS } from '../../core/request.ts';
import type { Candidate } from '../../core/route-plan.ts';
import type { TermsRefusal } from '../../resilience/attempt-terms.ts';
import type { GatewayParts } from '../parts.ts';
import { planRequest } from '../plan-request.ts';
import type { PlanRun } from '../run-plan.ts';

/** What a person is asked when a budget is reached. */
export type BudgetQuestion = {
  readonly model: string;
  /** What is spent, what this needs, when there is more. */
  readonly reason: string;
};

export type Remedy =
  /** A person allowed it: the same candidate once more. */
  | { readonly type: 'again' }
  /** Models of cheaper tiers to try after the others; often none. */
  | { readonly type: 'cheaper'; readonly candidates: readonly Candidate[] }
  | { readonly type: 'none' };

type Refused = {
  readonly candidate: Candidate;
  readonly refusal: TermsRefusal;
  /** The caller named a model or provider, which is not left. */
  readonly isBound: boolean;
};

/** What the budgets that refuse a candidate want to be done about it. */
export async function whenRefused(parts: GatewayParts, run: PlanRun, refused: Refused): Promise<Remedy> {
  const { spending, onBudgetReached } = run;
  const { candidate, refusal, isBound } = refused;
  if (refusal.code !== 'budget_exceeded') return { type: 'none' };
  switch (spending.onReached(refusal.refusals)) {
    case 'refuse':
      return { type: 'none' };
    case 'downgrade':
      if (isBound) return { type: 'none' };
      return { type: 'cheaper', candidates: await cheaperThan(parts, run, candidate) };
    case 'ask': {
      // Once for a request: who said no is not asked for the next model.
      if (!onBudgetReached || spending.wasAsked) return { type: 'none' };
      spending.wasAsked = true;
      if (!(await onBudgetReached({ model: candidate.model.ref, reason: refusal.reason }))) return { type: 'none' };
      await spending.extend(refusal.refusals);
      return { type: 'again' };
    }
  }
}

/** Models of the tiers below, in their order, that cost less than this one and are not in the plan. */
export async function cheaperThan(
  parts: GatewayParts,
  { plan, request }: Pick<PlanRun, 'plan' | 'request'>,
  candidate: Candidate,
): Promise<readonly Candidate[]> {
  const known = new Set(plan.candidates.map(({ model }) => model.ref));
  const found: Candidate[] = [];
  const from = plan.tier === undefined ? TIERS.length : TIERS.indexOf(plan.tier);
  for (const tier of TIERS.slice(0, from).reverse()) {
    const { model: _model, provider: _provider, task: _task, ...routing } = request.routing;
    const below = await planRequest(parts, { ...request, routing: { ...routing, tier } }, { isLive: false });
    for (const other of below.candidates) {
      if (known.has(other.model.ref) || !costsLess(other, candidate)) continue;
      known.add(other.model.ref);
      found.push({ ...other, reason: `cheaper: ${other.reason}` });
    }
  }
  return found;
}

function costsLess({ costExpected }: Candidate, than: Candidate): boolean {
  return costExpected !== undefined && (than.costExpected === undefined || costExpected < than.costExpected);
}

/** What somebody whom a budget refused could do instead: the first cheaper model that the budget has room for. */
export async function adviseCheaper(
  parts: GatewayParts,
  run: PlanRun,
  { candidate, refusal }: Pick<Refused, 'candidate' | 'refusal'>,
): Promise<string | undefined> {
  const left = Math.min(
    ...refusal.refusals.filter(isMoney).map(({ claim, use }) => claim.limit + use.extended - usedOf(use)),
  );
  const cheaper = await cheaperThan(parts, run, candidate);
  const fits = cheaper.find(({ costExpected }) => costExpected !== undefined && costExpected <= left);
  if (!fits || fits.costExpected === undefined) return undefined;
  return `${fits.model.ref} is cheaper (about ${formatUsd(toUsd(fits.costExpected))}); name it, or a lower tier.`;
}

function isMoney({ claim }: QuotaRefusal): boolean {
  return claim.unit === 'nano_usd';
}
