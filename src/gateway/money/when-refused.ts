import { type NanoUsd, nanoUsd, toUsd } from '../../core/money.ts';
import { type QuotaRefusal, usedOf, wishOf } from '../../core/quota.ts';
import type { Candidate } from '../../core/route-plan.ts';
import { formatUsd } from '../../core/wording/format-usd.ts';
import type { TermsRefusal } from '../../resilience/attempt-terms.ts';
import { isBound } from '../../routing/selection.ts';
import type { PlanRun } from '../run-plan.ts';
import type { CheaperModels } from './cheaper-models.ts';

/** What a person is asked when a budget is reached. */
export type BudgetQuestion = {
  /** What is spent, what this needs, when there is more, and what a yes costs. */
  readonly text: string;
  /** What it may cost at most when it is allowed. */
  readonly costMax: NanoUsd;
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
  readonly cheaper: CheaperModels;
};

/** What the budgets that refuse a candidate want to be done about it. */
export async function whenRefused(run: PlanRun, { candidate, refusal, cheaper }: Refused): Promise<Remedy> {
  const { request, spending, onBudgetReached } = run;
  if (refusal.code !== 'budget_exceeded') return { type: 'none' };
  switch (spending.onReached(refusal.refusals)) {
    case 'refuse':
      return { type: 'none' };
    case 'downgrade':
      if (isBound(request.routing)) return { type: 'none' };
      return { type: 'cheaper', candidates: await cheaper.offer(candidate) };
    case 'ask': {
      // Once for a request: who said no is not asked for the next model.
      if (!onBudgetReached || !spending.mayAsk()) return { type: 'none' };
      const costMax = nanoUsd(Math.max(...refusal.refusals.map(({ claim }) => wishOf(claim))));
      const what = `A spending limit is reached. ${candidate.model.ref}: ${refusal.reason}.`;
      const text = `${what} Allow this one request all the same? It costs ${formatUsd(toUsd(costMax))} at most.`;
      if (!(await onBudgetReached({ text, costMax }))) return { type: 'none' };
      spending.allow(refusal.refusals);
      return { type: 'again' };
    }
  }
}

/** What somebody whom a budget refused could do instead: the first cheaper model that the budget has room for. */
export async function adviseCheaper({ candidate, refusal, cheaper }: Refused): Promise<string | undefined> {
  const left = Math.min(
    ...refusal.refusals.filter(isMoney).map(({ claim, use }) => claim.limit + use.extended - usedOf(use)),
  );
  const fits = (await cheaper.than(candidate)).find(
    ({ costExpected }) => costExpected !== undefined && costExpected <= left,
  );
  if (!fits || fits.costExpected === undefined) return undefined;
  return `${fits.model.ref} is cheaper (about ${formatUsd(toUsd(fits.costExpected))}); name it, or a lower tier.`;
}

function isMoney({ claim }: QuotaRefusal): boolean {
  return claim.unit === 'nano_usd';
}
