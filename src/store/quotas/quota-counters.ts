import type { AttemptOutcome } from '../../core/books.ts';
import type { Correction } from '../../core/costs.ts';
import { ZERO_USD } from '../../core/money.ts';
import type { QuotaClaim, QuotaUnit } from '../../core/quota.ts';
import { totalInputTokens } from '../../core/usage.ts';
import type { DatabaseFile } from '../file/database-file.ts';
import { TableLook } from '../file/table-look.ts';
import { takeBackUnused } from './quota-admission.ts';

/**
 * What attempts reserve and use of limits. All of it runs inside the transaction that changes the attempt, so that
 * the counters are at every commit the sum of their entries.
 */
type Entry = {
  readonly quota: string;
  readonly key: string;
  readonly bucketMs: number;
  readonly unit: QuotaUnit;
  readonly reserved: number;
  /** Beyond what was booked of an attempt that ended unseen. */
  readonly held: number;
  /** The claim as JSON, when something was added to the limit for it. */
  readonly extending: string | null;
};

const ADD_ENTRY = `
  INSERT INTO quota_entries (attempt_id, quota, key, bucket_ms, unit, reserved, extending) VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (attempt_id, quota) DO NOTHING`;
const RESERVE = `
  INSERT INTO quota_counters (quota, key, bucket_ms, until_ms, reserved, extended) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (quota, key, bucket_ms) DO UPDATE SET
    reserved = reserved + excluded.reserved, extended = extended + excluded.extended,
    until_ms = max(until_ms, excluded.until_ms)`;

/** Without limits there are none. */
const entryLook = new TableLook('quota_entries');

/** For an attempt that was just booked; `amount` of each claim is what was granted, `added` what its limit gets for it. */
export function reserveClaims(file: DatabaseFile, attemptId: string, claims: readonly QuotaClaim[]): void {
  if (claims.length > 0) entryLook.noteRow(file);
  for (const claim of claims) {
    const { quota, key, bucketMs, keptMs, unit, amount, added = 0 } = claim;
    const extending = added > 0 ? JSON.stringify(claim) : null;
    file.prepare<unknown[]>(ADD_ENTRY).run(attemptId, quota, key, bucketMs, unit, amount, extending);
    file.prepare<unknown[]>(RESERVE).run(quota, key, bucketMs, bucketMs + keptMs, amount, added);
  }
}

const FIND_ENTRIES = `
  SELECT quota, key, bucket_ms AS bucketMs, unit, reserved, held, extending FROM quota_entries WHERE attempt_id = ?`;
/**
 * Of an attempt before its row changes; a correction that told its cost has replaced what was held. One that timed
 * out is `unknown` too, but it has ended: nothing is held for it.
 */
const FIND_STATE = `
  SELECT ended_at_ms IS NOT NULL AS hasEnded, ended_at_ms IS NULL AND status = 'unknown' AS wasGivenUp,
    cost_nano_usd IS NULL AND status <> 'failed_unbilled' AS isOpen,
    (SELECT count(*) FROM corrections WHERE attempt_id = attempts.id AND cost_nano_usd IS NOT NULL) AS corrections
  FROM attempts WHERE id = ?`;
type State = {
  readonly hasEnded: number;
  readonly wasGivenUp: number;
  readonly isOpen: number;
  readonly corrections: number;
};
const SETTLE = `
  UPDATE quota_counters
  SET settled = settled + ?, reserved = reserved - ?, unknown = unknown - ?, unpriced = unpriced + ?
  WHERE quota = ? AND key = ? AND bucket_ms = ?`;

type Change = { readonly settled: number; readonly freed: number; readonly held: number; readonly unpriced: number };

/** What a person allowed to one attempt is at no commit there for another. */
function changeCounter(file: DatabaseFile, { quota, key, bucketMs, extending }: Entry, change: Change): void {
  const { settled, freed, held, unpriced } = change;
  file.prepare<unknown[]>(SETTLE).run(settled, freed, held, unpriced, quota, key, bucketMs);
  if (extending !== null) takeBackUnused(file, JSON.parse(extending));
}

/**
 * Replaces what an attempt reserved by what it used. Called before its row changes; of one that has ended nothing
 * is left to replace. Of one that was given up meanwhile, what was held is replaced.
 */
export function settleClaims(file: DatabaseFile, attemptId: string, outcome: AttemptOutcome): void {
  const entries = entriesOf(file, attemptId);
  if (entries.length === 0) return;
  const state = stateOf(file, attemptId);
  if (state.hasEnded) return;
  const isUnpriced =
    outcome.costNanoUsd === undefined && outcome.status !== 'failed_unbilled' && state.corrections === 0;
  for (const entry of entries) {
    const { quota, unit, reserved } = entry;
    const unpriced = unit === 'nano_usd' && isUnpriced ? 1 : 0;
    // What has no known price after all may have cost what was reserved for it: that stays held.
    const released = isHeldFor(state, unit) ? reserved : 0;
    const unseen = unit === 'nano_usd' && state.corrections === 0 ? unseenOf(outcome, reserved) : 0;
    if (unseen > 0) file.prepare<unknown[]>(HOLD_UNSEEN).run(unseen, attemptId, quota);
    const held = released - (unpriced ? reserved : unseen);
    const freed = state.wasGivenUp ? 0 : reserved;
    changeCounter(file, entry, { settled: usedBy(outcome, unit), freed, held, unpriced });
  }
  dropOver(file, attemptId, entries);
}

const HOLD_UNSEEN = 'UPDATE quota_entries SET held = ? WHERE attempt_id = ? AND quota = ?';

/** Never more than was reserved in all. */
function unseenOf({ costNanoUsd, unseenNanoUsd = ZERO_USD }: AttemptOutcome, reserved: number): number {
  return costNanoUsd === undefined ? 0 : Math.max(0, Math.min(unseenNanoUsd, reserved - costNanoUsd));
}

const DROP_OVER = "DELETE FROM quota_entries WHERE attempt_id = ? AND unit = 'concurrency'";

/** What only counts while an attempt is under way would be kept, and added up, for ever: its part never ends. */
function dropOver(file: DatabaseFile, attemptId: string, entries: readonly Entry[]): void {
  if (entries.some(({ unit }) => unit === 'concurrency')) file.prepare<[string]>(DROP_OVER).run(attemptId);
}

type CorrectedSums = Pick<Correction, 'costNanoUsd' | 'inputTokens' | 'outputTokens'>;
const SUM_CORRECTIONS = `
  SELECT coalesce(sum(cost_nano_usd), 0) AS costNanoUsd, coalesce(sum(input_tokens), 0) AS inputTokens,
    coalesce(sum(output_tokens), 0) AS outputTokens FROM corrections WHERE attempt_id = ?`;
const DROP_ENTRIES = 'DELETE FROM quota_entries WHERE attempt_id = ?';

/** For an attempt that is taken back: it used nothing and was no request. Called before its row goes. */
export function freeClaims(file: DatabaseFile, attemptId: string): void {
  const entries = entriesOf(file, attemptId);
  if (entries.length === 0) return;
  const state = stateOf(file, attemptId);
  if (state.hasEnded) return;
  const corrected = file.prepare<[string], Required<CorrectedSums>>(SUM_CORRECTIONS).get(attemptId);
  for (const entry of entries) {
    const { unit, reserved } = entry;
    const held = isHeldFor(state, unit) ? reserved : 0;
    const settled = corrected ? -correctedBy(corrected, unit) : 0;
    changeCounter(file, entry, { settled, freed: state.wasGivenUp ? 0 : reserved, held, unpriced: 0 });
  }
  file.prepare<[string]>(DROP_ENTRIES).run(attemptId);
}

/** For an attempt whose process died: what it reserved stays held, but nothing of it is under way. */
export function holdClaims(file: DatabaseFile, attemptId: string): void {
  const entries = entriesOf(file, attemptId);
  for (const entry of entries) {
    const { unit, reserved } = entry;
    changeCounter(file, entry, { settled: 0, freed: reserved, held: isHeld(unit) ? -reserved : 0, unpriced: 0 });
  }
  dropOver(file, attemptId, entries);
}

/**
 * Adds what a correction changes, which is booked already, to the limits that its attempt was counted in. The first
 * one that tells a cost takes the place of what was held for a dead process, or of a price that was unknown.
 */
export function correctClaims(file: DatabaseFile, attemptId: string, correction: CorrectedSums): void {
  const state = stateOf(file, attemptId);
  const isFirst = correction.costNanoUsd !== undefined && state.corrections === 1;
  for (const entry of entriesOf(file, attemptId)) {
    const { unit, reserved, held: unseen } = entry;
    const unpriced = isFirst && state.isOpen && !state.wasGivenUp && unit === 'nano_usd' ? -1 : 0;
    const wasHeld = unpriced !== 0 || (isHeldFor({ ...state, corrections: 0 }, unit) && unit !== 'requests');
    const held = isFirst ? (wasHeld ? reserved : unseen) : 0;
    changeCounter(file, entry, { settled: correctedBy(correction, unit), freed: 0, held, unpriced });
  }
}

function correctedBy(correction: CorrectedSums, unit: QuotaUnit): number {
  switch (unit) {
    case 'nano_usd':
      return correction.costNanoUsd ?? 0;
    case 'input_tokens':
      return correction.inputTokens;
    case 'output_tokens':
      return correction.outputTokens;
    case 'requests':
    case 'concurrency':
      return 0;
    default:
      return unit satisfies never;
  }
}

function stateOf(file: DatabaseFile, attemptId: string): State {
  const state = file.prepare<[string], State>(FIND_STATE).get(attemptId);
  return state ?? { hasEnded: 1, wasGivenUp: 0, isOpen: 0, corrections: 0 };
}

/** Is something held for it, since its process died? The request itself was made, whatever it turned out to cost. */
function isHeldFor({ wasGivenUp, corrections }: State, unit: QuotaUnit): boolean {
  return wasGivenUp === 1 && isHeld(unit) && (corrections === 0 || unit === 'requests');
}

function entriesOf(file: DatabaseFile, attemptId: string): readonly Entry[] {
  if (!entryLook.hasRows(file)) return [];
  return file.prepare<[string], Entry>(FIND_ENTRIES).all(attemptId);
}

function isHeld(unit: QuotaUnit): boolean {
  return unit !== 'concurrency';
}

/** What an attempt that has ended counts for. */
function usedBy({ usage, costNanoUsd }: AttemptOutcome, unit: QuotaUnit): number {
  switch (unit) {
    case 'nano_usd':
      return costNanoUsd ?? 0;
    case 'requests':
      return 1;
    case 'input_tokens':
      return totalInputTokens(usage);
    case 'output_tokens':
      return usage.outputTokens;
    case 'concurrency':
      return 0;
    default:
      return unit satisfies never;
  }
}

/** Some 3 ms of reading. */
const KEYS_AT_ONCE = 2_000;
// From key to key: what budgets counted is kept for ever, and a key has a row for each day it was used.
const READ_KEYS = `
  WITH RECURSIVE keys(key) AS (
    SELECT min(key) FROM quota_counters WHERE quota = @quota AND key >= @from
    UNION ALL
    SELECT (SELECT min(key) FROM quota_counters WHERE quota = @quota AND key > keys.key) FROM keys WHERE key IS NOT NULL
    LIMIT ${KEYS_AT_ONCE}
  )
  SELECT key, EXISTS (
    SELECT 1 FROM quota_counters
    WHERE quota = @quota AND key = keys.key AND bucket_ms >= @fromMs AND bucket_ms < @toMs) AS isUsed
  FROM keys WHERE key IS NOT NULL ORDER BY key`;

type KeyQuery = { readonly quota: string; readonly fromMs: number; readonly toMs: number };

/** Who used a limit in a span of time, in parts, so that the event loop has room in between. */
export async function readKeys(file: DatabaseFile, query: KeyQuery): Promise<readonly string[]> {
  const used: string[] = [];
  for (let from = ''; ; ) {
    const part = { ...query, from };
    const keys = await file.read(() => file.prepare<object, { key: string; isUsed: number }>(READ_KEYS).all(part));
    for (const { key, isUsed } of keys) if (isUsed) used.push(key);
    const last = keys.at(-1);
    if (last === undefined || keys.length < KEYS_AT_ONCE) return used;
    // The next string there is.
    from = `${last.key}\0`;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
