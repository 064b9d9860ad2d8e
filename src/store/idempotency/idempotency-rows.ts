import type { DatabaseFile } from '../file/database-file.ts';
import type { RepeatSeal } from './repeat-seal.ts';

const DAY_MS = 86_400_000;
/** So long after the first request an answer is found. */
const KEPT_MS = DAY_MS;
/** Nothing is kept longer: what seems so was written while the clock was wrong. */
const AHEAD_MAX_MS = 3 * DAY_MS;
const EXPIRED_PART_ROWS = 50;
const EVICTED_PART_ROWS = 200;
/** What a row takes beside its answer, about. */
const ROW_BYTES = 500;

export type ClaimRow = {
  readonly claim: string;
  readonly fingerprint: Buffer;
  readonly state: 'under-way' | 'answered' | 'forgotten';
  readonly answer: Buffer | null;
  readonly expiresAtMs: number;
};

const FIND = 'SELECT claim, fingerprint, state, answer, expires_at_ms AS expiresAtMs FROM answers WHERE id = @id';

/** Whatever stands under the key and has not expired; `running` claims hold whatever the clock says. */
export function findClaim(
  file: DatabaseFile,
  { id }: RepeatSeal,
  { nowMs, running }: { readonly nowMs: number; readonly running: ReadonlySet<string> },
): ClaimRow | undefined {
  const row = file.prepare<object, ClaimRow>(FIND).get({ id });
  if (!row) return undefined;
  const isInTime = row.expiresAtMs > nowMs && row.expiresAtMs <= nowMs + AHEAD_MAX_MS;
  return isInTime || running.has(row.claim) ? row : undefined;
}

const DELETE = 'DELETE FROM answers WHERE id = @id';
const INSERT = `
  INSERT INTO answers (id, tenant, fingerprint, claim, claimed_at_ms, expires_at_ms, state, bytes)
  VALUES (@id, @tenant, @fingerprint, @claim, @nowMs, @expiresAtMs, 'under-way', ${ROW_BYTES})`;

export type NewClaim = {
  readonly tenant: string;
  readonly claim: string;
  readonly nowMs: number;
  readonly expiresAtMs: number;
};

/** In place of what has expired under the same key. */
export function writeClaim(file: DatabaseFile, { id, fingerprint }: RepeatSeal, row: NewClaim): void {
  file.prepare<object>(DELETE).run({ id });
  file.prepare<object>(INSERT).run({ ...row, id, fingerprint });
}

const KEEP = `
  UPDATE answers SET state = @state, answer = @answer, bytes = ${ROW_BYTES} + @bytes, answered_at_ms = @nowMs,
    expires_at_ms = claimed_at_ms + ${KEPT_MS}
  WHERE id = @id AND claim = @claim AND state = 'under-way'`;

/** Without an answer it is forgotten. Changes nothing when the claim has expired and somebody else has the key. */
export function keepAnswer(
  file: DatabaseFile,
  held: { readonly id: Buffer; readonly claim: string },
  { answer, nowMs }: { readonly answer: Buffer | undefined; readonly nowMs: number },
): void {
  const state = answer ? 'answered' : 'forgotten';
  file.prepare<object>(KEEP).run({ ...held, nowMs, state, answer: answer ?? null, bytes: answer?.length ?? 0 });
}

const FREE = "DELETE FROM answers WHERE id = @id AND claim = @claim AND state = 'under-way'";

export function freeKey(file: DatabaseFile, id: Buffer, claim: string): void {
  file.prepare<object>(FREE).run({ id, claim });
}

const READ_EXPIRED = `
  SELECT id, claim FROM answers
  WHERE expires_at_ms <= @nowMs OR expires_at_ms > @nowMs + ${AHEAD_MAX_MS}`;

/** Removes a part of what has expired, but no `running` claim; true when there may be more. */
export function deleteExpired(file: DatabaseFile, nowMs: number, running: ReadonlySet<string>): boolean {
  const over: Buffer[] = [];
  for (const { id, claim } of file.prepare<object, { id: Buffer; claim: string }>(READ_EXPIRED).iterate({ nowMs })) {
    if (!running.has(claim)) over.push(id);
    if (over.length === EXPIRED_PART_ROWS) break;
  }
  for (const id of over) file.prepare<object>(DELETE).run({ id });
  return over.length === EXPIRED_PART_ROWS;
}

const READ_BYTES = 'SELECT coalesce(sum(bytes), 0) AS bytes FROM holdings';
const READ_LARGEST = 'SELECT tenant FROM holdings ORDER BY bytes DESC LIMIT 1';
const DELETE_OLDEST = `
  DELETE FROM answers WHERE id = (SELECT id FROM answers WHERE tenant = ? AND answered_at_ms IS NOT NULL
    ORDER BY answered_at_ms LIMIT 1)
  RETURNING bytes`;

/**
 * While there is too much, whoever holds most loses his oldest: nobody can crowd out those who hold less than their
 * share. What is under way stays. True when more has to go.
 */
export function evictLargest(file: DatabaseFile, bytesMax: number): boolean {
  let bytes = file.prepare<[], { bytes: number }>(READ_BYTES).get()?.bytes ?? 0;
  for (let rows = 0; bytes > bytesMax; rows += 1) {
    if (rows === EVICTED_PART_ROWS) return true;
    const tenant = file.prepare<[], { tenant: string }>(READ_LARGEST).get()?.tenant ?? '';
    const gone = file.prepare<[string], { bytes: number }>(DELETE_OLDEST).get(tenant);
    if (!gone) return false;
    bytes -= gone.bytes;
  }
  return false;
}
