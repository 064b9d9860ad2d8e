import type { AttemptOutcome, AttemptStart, RequestEnd, RequestStart } from '../core/books.ts';
import type { DatabaseFile } from './database-file.ts';
import { type LedgerOperation, parseLedgerOperation, rowIdOf } from './ledger-operation.ts';
import { freeClaims, reserveClaims, settleClaims } from './quota-counters.ts';
import { SET_USAGE, usageValues } from './usage-columns.ts';

/** Applies one operation inside the caller's transaction. */
export function applyOperation(file: DatabaseFile, operation: LedgerOperation, nowMs: number): void {
  const changed = changeRow(file, operation);
  switch (operation.type) {
    case 'record-request':
    case 'record-attempt':
      if (changed && mayHaveLooseEnds(file)) applyLooseEnd(file, operation, nowMs);
      return;
    case 'settle-attempt':
    case 'end-request':
      if (!changed && !rowExists(file, operation.id)) noteLooseEnd(file, operation, nowMs);
      return;
    case 'void-attempt':
      if (!rowExists(file, operation.id)) noteLooseEnd(file, operation, nowMs);
      return;
    default:
      operation satisfies never;
  }
}

function changeRow(file: DatabaseFile, operation: LedgerOperation): boolean {
  switch (operation.type) {
    case 'record-request':
      return operation.end
        ? insertEndedRequest(file, operation.request, operation.end)
        : insertRequest(file, operation.request);
    case 'record-attempt':
      return insertAttempt(file, operation.attempt);
    case 'settle-attempt':
      return settleAttempt(file, operation.id, operation.outcome);
    case 'void-attempt':
      return voidAttempt(file, operation.id);
    case 'end-request':
      return endRequest(file, operation.id, operation.end);
    default:
      return operation satisfies never;
  }
}

// Four of these run for every request. Values are bound by position: by name it costs three times as much.
type Value = string | number | null;

const INSERT_REQUEST = `
  INSERT INTO requests (
    id, started_at_ms, kind, tenant, client, team, user_name, metadata, tier, task, strategy, rule, cache, config_hash
  ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO NOTHING`;

function insertRequest(file: DatabaseFile, request: RequestStart): boolean {
  return file.prepare<Value[]>(INSERT_REQUEST).run(...startValues(request)).changes > 0;
}

function startValues(request: RequestStart): Value[] {
  const { id, kind, tenant, client, team = null, user = null, metadata } = request;
  const { tier = null, task = null, strategy, rule = null, cache, configHash } = request;
  const caller = [tenant, client, team, user, metadata ? JSON.stringify(metadata) : null];
  return [id, Math.round(request.startedAtMs), kind, ...caller, tier, task, strategy, rule, cache, configHash];
}

const INSERT_ENDED_REQUEST = `
  INSERT INTO requests (
    id, started_at_ms, kind, tenant, client, team, user_name, metadata, tier, task, strategy, rule, cache, config_hash,
    status, ended_at_ms, latency_ms, model, error, saved_nano_usd, coalesced_into, verification
  ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO NOTHING`;

function insertEndedRequest(file: DatabaseFile, request: RequestStart, end: RequestEnd): boolean {
  const { status, model = null, error = null, savedNanoUsd = null, coalescedInto = null } = end;
  const latencyMs = spanMs(end.latencyMs);
  const endedAtMs = Math.round(request.startedAtMs) + latencyMs;
  const endValues = [status, endedAtMs, latencyMs, model, error, savedNanoUsd, coalescedInto, verificationText(end)];
  return file.prepare<Value[]>(INSERT_ENDED_REQUEST).run(...startValues(request), ...endValues).changes > 0;
}

const INSERT_ATTEMPT = `
  INSERT INTO attempts (
    id, request_id, started_at_ms, provider, model, key, expires_at_ms, price_version, role,
    expected_nano_usd, reserved_nano_usd, status
  ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending')
  ON CONFLICT (id) DO NOTHING`;

function insertAttempt(file: DatabaseFile, attempt: AttemptStart): boolean {
  const { id, requestId, provider, model, key, priceVersion = null, role = null } = attempt;
  const { expectedNanoUsd = null, reservedNanoUsd = null, claims = [] } = attempt;
  const startedAtMs = Math.round(attempt.startedAtMs);
  const expiresAtMs = Math.round(attempt.expiresAtMs);
  const { changes } = file
    .prepare<Value[]>(INSERT_ATTEMPT)
    .run(
      id,
      requestId,
      startedAtMs,
      provider,
      model,
      key,
      expiresAtMs,
      priceVersion,
      role,
      expectedNanoUsd,
      reservedNanoUsd,
    );
  if (changes > 0) reserveClaims(file, id, claims);
  return changes > 0;
}

// An attempt that was only given up (`ended_at_ms` is still NULL) learns its true end.
const SETTLE_ATTEMPT = `
  UPDATE attempts SET
    status = ?, ended_at_ms = started_at_ms + ?, latency_ms = ?, first_token_ms = ?, error = ?,
    provider_request_id = ?, ${SET_USAGE}, cost_nano_usd = ?
  WHERE id = ? AND ended_at_ms IS NULL`;

const IS_OPEN = 'SELECT 1 FROM attempts WHERE id = ? AND ended_at_ms IS NULL';

function isOpen(file: DatabaseFile, id: string): boolean {
  return file.prepare<[string]>(IS_OPEN).get(id) !== undefined;
}

function settleAttempt(file: DatabaseFile, id: string, outcome: AttemptOutcome): boolean {
  if (!isOpen(file, id)) return false;
  settleClaims(file, id, outcome);
  const { status, usage, error = null, providerRequestId = null, costNanoUsd = null } = outcome;
  const latencyMs = spanMs(outcome.latencyMs);
  const firstTokenMs = outcome.firstTokenMs === undefined ? null : spanMs(outcome.firstTokenMs);
  const { changes } = file
    .prepare<Value[]>(SETTLE_ATTEMPT)
    .run(status, latencyMs, latencyMs, firstTokenMs, error, providerRequestId, ...usageValues(usage), costNanoUsd, id);
  return changes > 0;
}

const VOID_ATTEMPT = 'DELETE FROM attempts WHERE id = ?';

function voidAttempt(file: DatabaseFile, id: string): boolean {
  if (!isOpen(file, id)) return false;
  freeClaims(file, id);
  return file.prepare<[string]>(VOID_ATTEMPT).run(id).changes > 0;
}

const END_REQUEST = `
  UPDATE requests SET
    status = ?, ended_at_ms = started_at_ms + ?, latency_ms = ?, cache = ?, model = ?, error = ?,
    saved_nano_usd = ?, coalesced_into = ?, verification = ?
  WHERE id = ? AND ended_at_ms IS NULL`;

function endRequest(file: DatabaseFile, id: string, end: RequestEnd): boolean {
  const { status, cache, model = null, error = null, savedNanoUsd = null, coalescedInto = null } = end;
  const latencyMs = spanMs(end.latencyMs);
  const { changes } = file
    .prepare<Value[]>(END_REQUEST)
    .run(status, latencyMs, latencyMs, cache, model, error, savedNanoUsd, coalescedInto, verificationText(end), id);
  return changes > 0;
}

function verificationText({ verification }: RequestEnd): string | null {
  return verification === undefined ? null : JSON.stringify(verification);
}

const ROW_EXISTS = 'SELECT 1 FROM attempts WHERE id = @id UNION ALL SELECT 1 FROM requests WHERE id = @id';

function rowExists(file: DatabaseFile, id: string): boolean {
  return file.prepare<object>(ROW_EXISTS).get({ id }) !== undefined;
}

const NOTE_LOOSE_END = `
  INSERT INTO loose_ends (id, noted_at_ms, operation) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING`;
const FIND_LOOSE_END = 'SELECT operation FROM loose_ends WHERE id = ?';
const TIE_LOOSE_END = 'DELETE FROM loose_ends WHERE id = ?';
const HAS_LOOSE_ENDS = 'SELECT EXISTS (SELECT 1 FROM loose_ends) AS has';

type Look = { readonly transaction: number; readonly has: boolean };
/** What the running transaction of a file has seen; nobody else can change it before the commit. */
const looks = new WeakMap<DatabaseFile, Look>();

/** Nearly always there are none: one look a transaction spares one for every row that begins. */
function mayHaveLooseEnds(file: DatabaseFile): boolean {
  const { transaction } = file;
  let look = looks.get(file);
  if (look?.transaction !== transaction) {
    look = { transaction, has: file.prepare<[], { has: number }>(HAS_LOOSE_ENDS).get()?.has === 1 };
    looks.set(file, look);
  }
  return look.has;
}

function noteLooseEnd(file: DatabaseFile, operation: LedgerOperation, nowMs: number): void {
  const id = rowIdOf(operation);
  looks.set(file, { transaction: file.transaction, has: true });
  file.prepare<[string, number, string]>(NOTE_LOOSE_END).run(id, nowMs, JSON.stringify(operation));
}

/** The row has just begun: what came before it is due now. The note of a void stays, for late repeats. */
function applyLooseEnd(file: DatabaseFile, start: LedgerOperation, nowMs: number): void {
  const id = rowIdOf(start);
  const noted = file.prepare<[string], { operation: string }>(FIND_LOOSE_END).get(id);
  const operation = noted && parseLedgerOperation(noted.operation);
  if (!operation) return;
  if (operation.type !== 'void-attempt') file.prepare<[string]>(TIE_LOOSE_END).run(id);
  applyOperation(file, operation, nowMs);
}

/** A span for the books: whole, and never negative when a clock jumped. */
function spanMs(value: number): number {
  return Math.max(0, Math.round(value));
}
