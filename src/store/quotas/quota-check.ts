import Database from 'better-sqlite3';
import type { Logger } from '../../core/ports.ts';
import type { QuotaUnit } from '../../core/quota.ts';
import type { DatabaseFile } from '../file/database-file.ts';
import { pause } from '../file/pause.ts';
import type { WriteQueue } from '../file/write-queue.ts';

/** Entries read at once, few enough not to hold the event loop. */
const SLICE_ROWS = 2_000;
/** Counters compared in a row, in milliseconds. */
const SLICE_MS = 5;
/** No window is longer. */
const WINDOW_MS_MAX = 366 * 86_400_000;

type Sums = {
  readonly settled: number;
  readonly reserved: number;
  readonly unknown: number;
  readonly unpriced: number;
};
type Place = { readonly quota: string; readonly key: string; readonly bucketMs: number };
type Counter = Place & Sums & { readonly repairs: number };
type Parts = {
  readonly file: DatabaseFile;
  readonly queue: WriteQueue;
  readonly logger: Logger;
  readonly nowMs: number;
  /** Ends it between two slices. */
  readonly signal: AbortSignal;
};

const COUNTERS = `
  SELECT quota, key, bucket_ms AS bucketMs, settled, reserved, unknown, unpriced, repairs FROM quota_counters`;
/** Of this window and the one before, which forecasts go by; nothing older is read again. */
const LIVE_COUNTERS = `
  SELECT quota, key, bucket_ms AS bucketMs FROM quota_counters
  WHERE until_ms = 0 OR (until_ms > @nowMs - ${WINDOW_MS_MAX} AND 2 * until_ms - bucket_ms > @nowMs)`;
const ONE_COUNTER = `${COUNTERS} WHERE quota = @quota AND key = @key AND bucket_ms = @bucketMs`;

/**
 * Adds every live counter up anew from its entries and mends the ones that differ, which only damage or a stranger's
 * hand can cause. Each is read in a snapshot of its own, beside the writers, and mended by the difference: what
 * changes meanwhile is not lost. Returns how many were mended; rejects with the reason of the signal.
 */
export async function checkCounters({ file, queue, logger, nowMs, signal }: Parts): Promise<number> {
  const live = await file.read(() => file.prepare<object, Place>(LIVE_COUNTERS).all({ nowMs }));
  if (live.length === 0) return 0;
  const reader = new Database(file.path, { readonly: true, fileMustExist: true });
  let mended = 0;
  let sliceMs = performance.now();
  try {
    const books = {
      reader,
      signal,
      counter: reader.prepare<object, Counter>(ONE_COUNTER),
      entries: reader.prepare<object, Row>(ENTRIES),
    };
    for (const place of live) {
      if (performance.now() - sliceMs > SLICE_MS) {
        await pause(1, 2);
        signal.throwIfAborted();
        sliceMs = performance.now();
      }
      const found = await compare(books, place);
      if (!found) continue;
      await mend(file, queue, found);
      const { quota, key, bucketMs } = place;
      logger.warn(
        { quota, key, bucketMs, was: found.counter, is: found.sums },
        'a counter of a limit was wrong; mended',
      );
      mended += 1;
    }
  } finally {
    reader.close();
  }
  return mended;
}

type Difference = { readonly counter: Counter; readonly sums: Sums };

/** A connection of its own, for snapshots beside the writers. */
type Books = {
  readonly reader: Database.Database;
  readonly signal: AbortSignal;
  readonly counter: Database.Statement<object, Counter>;
  readonly entries: Database.Statement<object, Row>;
};

async function compare({ reader, ...books }: Books, place: Place): Promise<Difference | undefined> {
  reader.exec('BEGIN');
  try {
    const counter = books.counter.get(place);
    if (!counter) return undefined;
    const sums = await recompute(books, place);
    const differs = KEYS.some((name) => counter[name] !== sums[name]);
    return differs ? { counter, sums } : undefined;
  } finally {
    reader.exec('COMMIT');
  }
}

const KEYS = ['settled', 'reserved', 'unknown', 'unpriced'] as const satisfies readonly (keyof Sums)[];

type Row = {
  readonly id: string;
  readonly unit: QuotaUnit;
  readonly held: number;
  /** Beyond what was booked. */
  readonly unseen: number;
  readonly status: string;
  readonly isOver: number;
  readonly cost: number | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** What corrections added, and how many of them told a cost. */
  readonly laterCost: number;
  readonly laterInputTokens: number;
  readonly laterOutputTokens: number;
  readonly laterCosts: number;
};

const ENTRIES = `
  SELECT entry.attempt_id AS id, entry.unit, entry.reserved AS held, entry.held AS unseen, attempt.status,
    attempt.ended_at_ms IS NOT NULL AS isOver, attempt.cost_nano_usd AS cost,
    attempt.input_tokens + attempt.cached_input_tokens + attempt.cache_write_tokens AS inputTokens,
    attempt.output_tokens AS outputTokens,
    coalesce(sum(later.cost_nano_usd), 0) AS laterCost, coalesce(sum(later.input_tokens), 0) AS laterInputTokens,
    coalesce(sum(later.output_tokens), 0) AS laterOutputTokens, count(later.cost_nano_usd) AS laterCosts
  FROM quota_entries AS entry JOIN attempts AS attempt ON attempt.id = entry.attempt_id
    LEFT JOIN corrections AS later ON later.attempt_id = entry.attempt_id
  WHERE entry.quota = @quota AND entry.key = @key AND entry.bucket_ms = @bucketMs AND entry.attempt_id > @after
  GROUP BY entry.attempt_id ORDER BY entry.attempt_id LIMIT ${SLICE_ROWS}`;

async function recompute({ entries, signal }: Omit<Books, 'reader'>, place: Place): Promise<Sums> {
  const sums = { settled: 0, reserved: 0, unknown: 0, unpriced: 0 };
  let after = '';
  for (;;) {
    const rows = entries.all({ ...place, after });
    for (const row of rows) add(sums, row);
    const last = rows.at(-1);
    if (last === undefined || rows.length < SLICE_ROWS) return sums;
    after = last.id;
    await pause(1, 2);
    signal.throwIfAborted();
  }
}

function add(sums: { -readonly [Name in keyof Sums]: number }, row: Row): void {
  sums.settled += addedLater(row);
  if (row.isOver) {
    sums.settled += usedBy(row);
    const isOpen = row.cost === null && row.status !== 'failed_unbilled' && row.laterCosts === 0;
    if (row.unit === 'nano_usd' && isOpen) {
      sums.unpriced += 1;
      sums.unknown += row.held;
    } else if (row.laterCosts === 0) {
      sums.unknown += row.unseen;
    }
  } else if (row.status === 'pending') {
    sums.reserved += row.held;
  } else if (row.unit === 'requests' || (row.unit !== 'concurrency' && row.laterCosts === 0)) {
    sums.unknown += row.held;
  }
}

/** What was found out after the attempt was booked; a correction that tells its cost ends what was held for it. */
function addedLater({ unit, laterCost, laterInputTokens, laterOutputTokens }: Row): number {
  if (unit === 'nano_usd') return laterCost;
  if (unit === 'input_tokens') return laterInputTokens;
  return unit === 'output_tokens' ? laterOutputTokens : 0;
}

function usedBy({ unit, cost, inputTokens, outputTokens }: Row): number {
  switch (unit) {
    case 'nano_usd':
      return cost ?? 0;
    case 'requests':
      return 1;
    case 'input_tokens':
      return inputTokens;
    case 'output_tokens':
      return outputTokens;
    case 'concurrency':
      return 0;
    default:
      return unit satisfies never;
  }
}

// Who finds the same fault at the same time mends it once: `repairs` tells that somebody else was first.
const MEND = `
  UPDATE quota_counters SET settled = settled + @settled, reserved = reserved + @reserved,
    unknown = unknown + @unknown, unpriced = unpriced + @unpriced, repairs = repairs + 1
  WHERE quota = @quota AND key = @key AND bucket_ms = @bucketMs AND repairs = @repairs`;

function mend(file: DatabaseFile, queue: WriteQueue, { counter, sums }: Difference): Promise<unknown> {
  const { quota, key, bucketMs, repairs } = counter;
  const change = Object.fromEntries(KEYS.map((name) => [name, sums[name] - counter[name]]));
  return queue.change(() => file.prepare<object>(MEND).run({ quota, key, bucketMs, repairs, ...change }));
}
