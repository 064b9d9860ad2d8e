import { type NanoUsd, nanoUsd, type SignedNanoUsd, signedNanoUsd } from '../../core/money.ts';
import type { CallLedger } from '../../core/ports.ts';
import { type Budget, NO_QUOTA_USE, type QuotaScope, type QuotaUse, usedOf } from '../../core/quota.ts';
import type { CallerInfo } from '../../core/request.ts';
import { quotaOfBudget } from './claims.ts';
import { type CountedWindow, type WindowPart, windowPart } from './windows.ts';

/** What a budget stands at now. */
export type BudgetUse = {
  readonly name: string;
  /** For whom, of a budget that each has for itself. */
  readonly key?: string;
  /** With what a person has added in this window. */
  readonly limitNanoUsd: NanoUsd;
  readonly settledNanoUsd: SignedNanoUsd;
  /** Of attempts under way. */
  readonly reservedNanoUsd: NanoUsd;
  /** Held for attempts of which nobody knows what they cost. */
  readonly unknownNanoUsd: NanoUsd;
  /** Attempts of unknown price: they count as what they had reserved, which is nothing where the price never was known. */
  readonly unpricedAttempts: number;
  /** Of the limit, of all three together: 1 is all of it. */
  readonly share: number;
  /** Wall clock; absent for a rolling window, which frees bit by bit. */
  readonly resetsAtMs?: number;
  /** What will be settled when the window ends, if it goes on so; absent as long as nothing tells. */
  readonly forecastNanoUsd?: NanoUsd;
};

export type BudgetQuery = {
  readonly budgets: readonly Budget[];
  readonly ledger: Pick<CallLedger, 'quotaUse' | 'quotaKeys'>;
  readonly nowMs: number;
  /** Absent: whoever owns the books. Others do not see what is counted for somebody else alone. */
  readonly viewer?: CallerInfo;
};

/** A budget and its window now, and the one before; a rolling one has none. Found once, for however many keys. */
type Counted = {
  readonly budget: Budget & { readonly window: CountedWindow };
  readonly now: WindowPart;
  readonly before: WindowPart;
};
type Line = Counted & { readonly key: string };

/** Every budget that is counted over time, the most used first. One that is for each request alone keeps no count. */
export async function reportBudgets(query: BudgetQuery): Promise<readonly BudgetUse[]> {
  const lines: Line[] = [];
  for (const budget of query.budgets) {
    const { window } = budget;
    if (window.type === 'request') continue;
    const now = windowPart(window, query.nowMs);
    const counted = { budget: { ...budget, window }, now, before: windowPart(window, now.fromMs - 1) };
    for (const key of await keysOf(query, counted)) lines.push({ ...counted, key });
  }
  const uses: BudgetUse[] = [];
  for (let first = 0; first < lines.length; first += LINES_AT_ONCE) {
    uses.push(...(await readLines(query, lines.slice(first, first + LINES_AT_ONCE))));
  }
  return uses.sort((left, right) => right.share - left.share);
}

/** Users may be many; one read of the books must not hold the event loop. */
const LINES_AT_ONCE = 500;

async function readLines({ ledger, nowMs }: BudgetQuery, lines: readonly Line[]): Promise<readonly BudgetUse[]> {
  const placeOf = ({ budget, key }: Line, part: WindowPart) => ({ quota: quotaOfBudget(budget), key, ...part });
  const now = await ledger.quotaUse(lines.map((line) => placeOf(line, line.now)));
  const before = await ledger.quotaUse(lines.map((line) => placeOf(line, line.before)));
  return lines.map((line, index) =>
    toBudgetUse(line, nowMs, { now: now[index] ?? NO_QUOTA_USE, before: before[index] ?? NO_QUOTA_USE }),
  );
}

async function keysOf({ ledger, viewer }: BudgetQuery, { budget, now }: Counted): Promise<readonly string[]> {
  const { scope } = budget;
  const visible = (key: string) => viewer === undefined || isFor(scope, key, viewer);
  if (scope.by === 'global') return [''];
  if (scope.value !== undefined) return [scope.value].filter(visible);
  const { bucketMs, fromMs, keptMs } = now;
  // Parts of a rolling window that lie ahead count as well, as they do where attempts are let in.
  const toMs = budget.window.type === 'rolling' ? Number.MAX_SAFE_INTEGER : bucketMs + keptMs;
  return (await ledger.quotaKeys({ quota: quotaOfBudget(budget), fromMs, toMs })).filter(visible);
}

/** What concerns everybody may be seen by everybody; of what is one's own, only that. */
function isFor({ by }: QuotaScope, key: string, viewer: CallerInfo): boolean {
  switch (by) {
    case 'tenant':
    case 'client':
    case 'team':
    case 'user':
      return viewer[by] === key;
    case 'metadata':
      return false;
    case 'global':
    case 'provider':
    case 'model':
    case 'key':
    case 'task':
    case 'tier':
      return true;
    default:
      return by satisfies never;
  }
}

type Uses = { readonly now: QuotaUse; readonly before: QuotaUse };

function toBudgetUse({ budget, key, now: part }: Line, nowMs: number, { now, before }: Uses): BudgetUse {
  const limit = budget.limitNanoUsd + now.extended;
  const common = {
    name: budget.name,
    ...(budget.scope.by !== 'global' && budget.scope.value === undefined && { key }),
    limitNanoUsd: nanoUsd(limit),
    settledNanoUsd: signedNanoUsd(now.settled),
    reservedNanoUsd: nanoUsd(now.reserved),
    unknownNanoUsd: nanoUsd(now.unknown),
    unpricedAttempts: now.unpriced,
    share: limit === 0 ? 1 : usedOf(now) / limit,
  };
  if (budget.window.type === 'rolling') return common;
  const { bucketMs, keptMs } = part;
  const forecast = forecastOf({
    usedNow: spentOf(now),
    usedBefore: spentOf(before),
    passed: (nowMs - bucketMs) / keptMs,
  });
  return {
    ...common,
    resetsAtMs: bucketMs + keptMs,
    // No sum, so that one beyond what is exact need not fail the report.
    ...(forecast !== undefined && {
      forecastNanoUsd: nanoUsd(Math.min(Math.round(forecast), Number.MAX_SAFE_INTEGER)),
    }),
  };
}

/** What nobody knows is held as if it was spent. */
function spentOf({ settled, unknown }: QuotaUse): number {
  return Math.max(0, settled + unknown);
}

/** Before this much of a window has passed, its pace alone says nothing. */
const TELLING_SHARE = 0.05;

/**
 * The rest of a window goes on at a pace between that of the window before and that of this one so far: the more
 * of it has passed, the more its own. Without a window before, at its own alone.
 */
export function forecastOf(use: {
  readonly usedNow: number;
  readonly usedBefore: number;
  /** Share of the window, 0 to 1. */
  readonly passed: number;
}): number | undefined {
  const { usedNow, usedBefore, passed } = use;
  if (usedBefore === 0) return passed < TELLING_SHARE ? undefined : usedNow / passed;
  const rest = 1 - passed;
  // passed * (usedNow / passed) + rest * usedBefore, for the rest of the window.
  return usedNow + rest * (usedNow + rest * usedBefore);
}
