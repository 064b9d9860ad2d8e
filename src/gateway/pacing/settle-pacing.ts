import type { AttemptSummary } from '../../core/books.ts';
import { sentCount } from '../../resilience/run-candidate.ts';
import { sideOfModel } from '../../routing/pacing/strong-side.ts';
import type { Call } from '../call.ts';
import type { GatewayParts } from '../parts.ts';
import type { PlanAnswer } from '../run-plan.ts';

type Parts = Pick<GatewayParts, 'steering' | 'table'>;

/** The request cost nothing: a cache answered it, or another request's call did. */
export function withdrawPacing({ steering }: Parts, { plan }: Call): void {
  if (plan.pacing) steering.pacer?.add({ type: 'withdrawn', ...plan.pacing });
}

/** The request failed. Where nobody was asked it is no part of the share; else what was decided stands. */
export function settleFailedPacing(parts: Parts, call: Call, attempts: readonly AttemptSummary[]): void {
  if (sentCount(attempts) === 0) withdrawPacing(parts, call);
}

/** Who answered is what counts, whatever was decided: after a fallback, or when a check went up. */
export function settlePacing({ steering, table }: Parts, { plan }: Call, { candidate, costNanoUsd }: PlanAnswer): void {
  const { pacing, isPinned } = plan;
  if (!steering.pacer || !(pacing || isPinned)) return;
  const answered = sideOfModel(candidate.model.ref, table.tiers) ?? pacing?.side;
  if (answered === undefined) return;
  // The steps of a tool loop are no decisions, but they are part of what requests cost.
  const decided = pacing?.side ?? answered;
  const { costExpected } = candidate;
  const isPriced = costNanoUsd !== undefined && costExpected !== undefined;
  const cost = isPriced && { cost: { actual: costNanoUsd, expected: costExpected } };
  steering.pacer.add({ type: 'answered', decided, answered, ...cost });
}
