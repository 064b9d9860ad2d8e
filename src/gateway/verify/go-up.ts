import type { AttemptSummary } from '../../core/books.ts';
import { type GatewayError, toDefectFields, toGatewayError } from '../../core/errors.ts';
import type { VerifyPlan } from '../../core/route-plan.ts';
import type { Verification } from '../../core/verification.ts';
import { timeOver } from '../../resilience/call-frame.ts';
import { sentCount } from '../../resilience/run-candidate.ts';
import { totalCost } from '../attempt-costs.ts';
import type { GatewayParts } from '../parts.ts';
import { type PlanAnswer, type PlanRun, runPlan } from '../run-plan.ts';
import { withinBudget } from './within-budget.ts';

/** How it went above, with all attempts of the request so far. */
export type Ascent = { readonly attempts: readonly AttemptSummary[] } & (
  | { readonly type: 'answered'; readonly answer: PlanAnswer }
  | { readonly type: 'nobody'; readonly because: NonNullable<Verification['keptBecause']> }
);

type Below = { readonly verify: VerifyPlan; readonly attempts: readonly AttemptSummary[] };

/** Asks whoever is stronger and was not asked yet, within what is left. Throws only when the caller has left. */
export async function goUp(parts: GatewayParts, run: PlanRun, { verify, attempts }: Below): Promise<Ascent> {
  const { plan, request, frame } = run;
  const over = timeOver(frame, parts.clock);
  if (over) return refused(run, over, attempts);
  const sent = sentCount(attempts);
  if (sent >= parts.limits.attemptsMax) return { type: 'nobody', because: 'attempts_spent', attempts };
  const asked = new Set(attempts.map(({ model }) => model));
  const fresh = verify.stronger.filter(({ model }) => !asked.has(model.ref));
  if (fresh.length === 0) return { type: 'nobody', because: 'all_failed', attempts };
  const spentNanoUsd = totalCost(attempts);
  const candidates = withinBudget(fresh, { request, plan, spentNanoUsd });
  if (candidates.length === 0) return { type: 'nobody', because: 'budget_exceeded', attempts };
  try {
    const answer = await runPlan(parts, {
      ...run,
      plan: { ...plan, candidates, rejected: [] },
      frame: { ...frame, role: 'escalation' },
      before: { sentCount: sent, costNanoUsd: spentNanoUsd },
    });
    return { type: 'answered', answer, attempts: [...attempts, ...answer.attempts] };
  } catch (thrown) {
    const error = toGatewayError(thrown);
    if (error.code === 'internal') {
      // The request may go on to a good end, and nobody would hear of it.
      parts.logger.error({ requestId: frame.requestId, ...toDefectFields(error) }, 'going up failed inside');
    }
    return refused(run, error, [...attempts, ...error.attempts]);
  }
}

function refused({ frame }: PlanRun, error: GatewayError, attempts: readonly AttemptSummary[]): Ascent {
  if (frame.signal.aborted) throw error.with({ attempts });
  return { type: 'nobody', because: error.code, attempts };
}
