import type { AttemptSummary } from '../core/books.ts';
import { addUsd, type NanoUsd, ZERO_USD } from '../core/money.ts';
import type { Candidate } from '../core/route-plan.ts';

/** May the candidate be asked once more, when what the request spent elsewhere counts against the caller's limit? */
export function affordsAnother(
  candidate: Candidate,
  attempts: readonly AttemptSummary[],
  costMax: NanoUsd | undefined,
  before?: { readonly costNanoUsd: NanoUsd | undefined },
): boolean {
  if (costMax === undefined || (attempts.length === 0 && !before)) return true;
  const spent = totalCost(attempts);
  const earlier = before ? before.costNanoUsd : ZERO_USD;
  if (spent === undefined || earlier === undefined || candidate.costMax === undefined) return false;
  return earlier + spent + candidate.costMax <= costMax;
}

/** Undefined as soon as one attempt's cost is unknown. */
export function totalCost(attempts: readonly AttemptSummary[]): NanoUsd | undefined {
  let total = ZERO_USD;
  for (const { costNanoUsd } of attempts) {
    if (costNanoUsd === undefined) return undefined;
    total = addUsd(total, costNanoUsd);
  }
  return total;
}
