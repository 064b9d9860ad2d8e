import type { Finding } from './evidence.ts';
import { withLedger } from './signalbox-books.ts';

type Sums = { settled: number; reserved: number; unknown: number; unpriced: number };
type Counter = Sums & { readonly quota: string; readonly key: string; readonly bucketMs: number };
type Entry = {
  readonly attemptId: string;
  readonly quota: string;
  readonly key: string;
  readonly bucketMs: number;
  readonly unit: string;
  readonly held: number;
  /** What may be billed beyond what was booked. */
  readonly unseen: number;
  /** Null when the entry belongs to no attempt. */
  readonly status: string | null;
  readonly endedAtMs: number | null;
  readonly costNanoUsd: number | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** What was found out later, and how often that told a cost. */
  readonly laterNanoUsd: number;
  readonly laterInputTokens: number;
  readonly laterOutputTokens: number;
  readonly laterCosts: number;
};

const READ_COUNTERS = `
  SELECT quota, key, bucket_ms AS bucketMs, settled, reserved, unknown, unpriced FROM quota_counters`;
const READ_ENTRIES = `
  SELECT e.attempt_id AS attemptId, e.quota, e.key, e.bucket_ms AS bucketMs, e.unit, e.reserved AS held, e.held AS unseen, a.status,
    a.ended_at_ms AS endedAtMs, a.cost_nano_usd AS costNanoUsd,
    a.input_tokens + a.cached_input_tokens + a.cache_write_tokens AS inputTokens, a.output_tokens AS outputTokens,
    coalesce(sum(c.cost_nano_usd), 0) AS laterNanoUsd, coalesce(sum(c.input_tokens), 0) AS laterInputTokens,
    coalesce(sum(c.output_tokens), 0) AS laterOutputTokens, count(c.cost_nano_usd) AS laterCosts
  FROM quota_entries AS e LEFT JOIN attempts AS a ON a.id = e.attempt_id
    LEFT JOIN corrections AS c ON c.attempt_id = e.attempt_id
  GROUP BY e.attempt_id, e.quota`;

export type CounterOptions = {
  /** Everything has ended: nothing may be reserved any more. */
  readonly drained: boolean;
  /** A limit that every attempt that can cost something must have claimed, whatever it was for. */
  readonly everyAttemptClaims?: string;
};

/**
 * The counters against the rows they stand for (I13), added up anew by code that is not Signalbox's; that nothing
 * stays reserved (I18); and that nothing was sent past the limit that holds for all (I12).
 */
export function compareCounters(dataDir: string, options: CounterOptions): readonly Finding[] {
  return withLedger(dataDir, (database) => {
    const read = database.transaction(() => ({
      counters: database.prepare<[], Counter>(READ_COUNTERS).all(),
      entries: database.prepare<[], Entry>(READ_ENTRIES).all(),
      unclaimed: database.prepare<[string], { id: string }>(READ_UNCLAIMED).all(options.everyAttemptClaims ?? ''),
    }));
    const { counters, entries, unclaimed } = read();
    return [
      ...compareSums(counters, entries),
      ...(options.drained ? counters.flatMap(stillReserved) : []),
      ...(options.everyAttemptClaims === undefined ? [] : unclaimed.map(({ id }) => claimedNothing(id))),
    ];
  });
}

// Free models claim nothing of money.
const READ_UNCLAIMED = `
  SELECT id FROM attempts WHERE price_version IS NOT NULL AND coalesce(reserved_nano_usd, 1) > 0
    AND NOT EXISTS (SELECT 1 FROM quota_entries WHERE attempt_id = attempts.id AND quota = ?)`;

function compareSums(counters: readonly Counter[], entries: readonly Entry[]): readonly Finding[] {
  const findings: Finding[] = [];
  const due = new Map<string, Sums>();
  for (const entry of entries) {
    if (entry.status === null) {
      findings.push({ invariant: 'I13', what: `${nameOf(entry)} holds ${entry.held} for no attempt` });
      continue;
    }
    const sums = due.get(nameOf(entry)) ?? { settled: 0, reserved: 0, unknown: 0, unpriced: 0 };
    due.set(nameOf(entry), sums);
    addEntry(sums, entry);
  }
  for (const counter of counters) {
    const { settled, reserved, unknown, unpriced } = counter;
    const rows = due.get(nameOf(counter)) ?? { settled: 0, reserved: 0, unknown: 0, unpriced: 0 };
    due.delete(nameOf(counter));
    const told = JSON.stringify({ settled, reserved, unknown, unpriced });
    if (told !== JSON.stringify(rows)) {
      findings.push({
        invariant: 'I13',
        what: `${nameOf(counter)} stands at ${told}, its rows at ${JSON.stringify(rows)}`,
      });
    }
  }
  for (const name of due.keys()) findings.push({ invariant: 'I13', what: `${name} has rows and no counter` });
  return findings;
}

function addEntry(sums: Sums, entry: Entry): void {
  const { status, endedAtMs, unit, held, costNanoUsd, laterCosts } = entry;
  sums.settled += usedLater(entry);
  if (status === 'pending') sums.reserved += held;
  else if (endedAtMs === null) {
    // Given up, and nobody reported the end since: what it could have used stays held, until somebody finds out. A
    // request it was, whatever it cost.
    const isHeld = unit !== 'concurrency' && (laterCosts === 0 || unit === 'requests');
    sums.unknown += isHeld ? held : 0;
  } else {
    sums.settled += usedBy(entry);
    const isOpen = costNanoUsd === null && status !== 'failed_unbilled' && laterCosts === 0;
    // It may have cost what was reserved for it, so that stays held.
    if (unit === 'nano_usd' && isOpen) {
      sums.unpriced += 1;
      sums.unknown += held;
    } else if (laterCosts === 0) {
      sums.unknown += entry.unseen;
    }
  }
}

function usedBy({ unit, costNanoUsd, inputTokens, outputTokens }: Entry): number {
  switch (unit) {
    case 'nano_usd':
      return costNanoUsd ?? 0;
    case 'requests':
      return 1;
    case 'input_tokens':
      return inputTokens;
    case 'output_tokens':
      return outputTokens;
    case 'concurrency':
      return 0;
    default:
      throw new Error(`unknown unit ${unit}`);
  }
}

function usedLater({ unit, laterNanoUsd, laterInputTokens, laterOutputTokens }: Entry): number {
  if (unit === 'nano_usd') return laterNanoUsd;
  if (unit === 'input_tokens') return laterInputTokens;
  return unit === 'output_tokens' ? laterOutputTokens : 0;
}

function stillReserved(counter: Counter): readonly Finding[] {
  if (counter.reserved === 0) return [];
  return [{ invariant: 'I18', what: `${nameOf(counter)} still has ${counter.reserved} reserved` }];
}

function claimedNothing(id: string): Finding {
  return { invariant: 'I12', what: `attempt ${id} was booked past the limit that holds for all` };
}

function nameOf({ quota, key, bucketMs }: Pick<Counter, 'quota' | 'key' | 'bucketMs'>): string {
  return `${quota} of "${key}" from ${new Date(bucketMs).toISOString()}`;
}
