import type { AccountLine } from '../../core/account.ts';
import { toSpan } from '../../mcp/arguments/period.ts';

const DAY_MS = 86_400_000;

/** The time that an account is of, from inclusive, to exclusive; `isUnknown`: nobody named it, the lines only hint. */
export type AccountSpan = { readonly fromMs: number; readonly toMs: number; readonly isUnknown: boolean };

/** As the options say; else the whole days, UTC, that the lines name; else all time. */
export function accountSpan(
  lines: readonly AccountLine[],
  { from, to }: { readonly from?: string; readonly to?: string },
): AccountSpan {
  const nowMs = Date.now();
  if (from !== undefined || to !== undefined) return { ...toSpan({ from, to }, nowMs), isUnknown: false };
  let [firstMs, lastMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { atMs } of lines) {
    // One that names no time may be of any.
    firstMs = Math.min(firstMs, atMs ?? 0);
    lastMs = Math.max(lastMs, atMs ?? nowMs);
  }
  return { fromMs: dayOf(firstMs), toMs: dayOf(lastMs) + DAY_MS, isUnknown: true };
}

function dayOf(atMs: number): number {
  return Math.floor(atMs / DAY_MS) * DAY_MS;
}
