import type { AttemptOutcome, AttemptStart, RequestEnd, RequestStart } from '../../core/books.ts';
import type { Clock } from '../../core/ports.ts';
import type { DatabaseFile } from '../file/database-file.ts';
import { insertStatement, rowStatement, runRow, type Value } from '../file/row-statement.ts';
import { TableLook } from '../file/table-look.ts';
import { freeClaims, reserveClaims, settleClaims } from '../quotas/quota-counters.ts';
import { type LedgerOperation, parseLedgerOperation, rowIdOf } from './ledger-operation.ts';
import { COMMON_USAGE_COLUMNS, commonUsageValues, RARE_USAGE_COLUMNS, rareUsageValues } from './usage-columns.ts';

/** Applies one operation inside the caller's transaction. */
export function applyOperation(file: DatabaseFile, operation: LedgerOperation, clock: Clock): void {
  switch (operation.type) {
    case 'record-request':
      if (insertRequest(file, operation.request, operation.end)) applyLooseEnd(file, operation.request.id, clock);
      return;
    case 'record-attempt':
      if (insertAttempt(file, operation.attempt)) applyLooseEnd(file, operation.attempt.id, clock);
      return;
    case 'settle-attempt':
      if (!settleAttempt(file, operation.id, operation.outcome)) noteLooseEnd(file, operation, clock);
      return;
    case 'end-request':
      if (!endRequest(file, operation.id, operation.end)) noteLooseEnd(file, operation, clock);
      return;
    case 'void-attempt':
      voidAttempt(file, operation.id);
      noteLooseEnd(file, operation, clock);
      return;
    default:
      operation satisfies never;
  }
}

const REQUEST_RARE = ['team', 'user_name', 'metadata', 'rule'];
const REQUEST_COMMON = [
  'id',
  'started_at_ms',
  'kind',
  'tenant',
  'client',
  'tier',
  'task',
  'strategy',
  'cache',
  'config_hash',
];
const INSERT_REQUEST = insertStatement('requests', { rare: REQUEST_RARE, common: REQUEST_COMMON });

function insertRequest(file: DatabaseFile, request: RequestStart, end: RequestEnd | undefined): boolean {
  if (end) return insertEndedRequest(file, request, end);
  return runRow(file, INSERT_REQUEST, { rare: rareStartValues(request), common: startValues(request) });
}

function startValues(request: RequestStart): readonly Value[] {
  const { id, startedAtMs, kind, tenant, client, tier = null, task = null, strategy, cache, configHash } = request;
  return [id, Math.round(startedAtMs), kind, tenant, client, tier, task, strategy, cache, configHash];
}

function rareStartValues({ team, user, metadata, rule }: RequestStart): readonly Value[] {
  return [team ?? null, user ?? null, metadata ? JSON.stringify(metadata) : null, rule ?? null];
}

const END_RARE = ['error', 'coalesced_into', 'verification'];
const INSERT_ENDED_REQUEST = insertStatement('requests', {
  rare: [...REQUEST_RARE, ...END_RARE],
  common: [...REQUEST_COMMON, 'status', 'ended_at_ms', 'latency_ms', 'model', 'saved_nano_usd'],
});

function insertEndedRequest(file: DatabaseFile, request: RequestStart, end: RequestEnd): boolean {
  const { status, model = null, savedNanoUsd = null } = end;
  const latencyMs = spanMs(end.latencyMs);
  const endedAtMs = Math.round(request.startedAtMs) + latencyMs;
  return runRow(file, INSERT_ENDED_REQUEST, {
    rare: [...rareStartValues(request), ...rareEndValues(end)],
    common: [...startValues(request), status, endedAtMs, latencyMs, model, savedNanoUsd],
  });
}

function rareEndValues({ error, coalescedInto, verification }: RequestEnd): readonly Value[] {
  return [error ?? null, coalescedInto ?? null, verification ? JSON.stringify(verification) : null];
}

const INSERT_ATTEMPT = insertStatement(
  'attempts',
  {
    rare: ['role'],
    common: [
      'id',
      'request_id',
      'started_at_ms',
      'provider',
      'model',
      'key',
      'expires_at_ms',
      'price_version',
      'expected_nano_usd',
      'reserved_nano_usd',
    ],
  },
  { status: "'pending'" },
);

function insertAttempt(file: DatabaseFile, attempt: AttemptStart): boolean {
  const { id, requestId, provider, model, key, priceVersion = null, role = null } = attempt;
  const { expectedNanoUsd = null, reservedNanoUsd = null, claims = [] } = attempt;
  const startedAtMs = Math.round(attempt.startedAtMs);
  const expiresAtMs = Math.round(attempt.expiresAtMs);
  const target = [provider, model, key];
  const isNew = runRow(file, INSERT_ATTEMPT, {
    rare: [role],
    common: [id, requestId, startedAtMs, ...target, expiresAtMs, priceVersion, expectedNanoUsd, reservedNanoUsd],
  });
  if (isNew) reserveClaims(file, id, claims);
  return isNew;
}

// An attempt that was only given up (`ended_at_ms` is still NULL) learns its true end.
const SETTLE_ATTEMPT = rowStatement(
  ['error', ...RARE_USAGE_COLUMNS],
  (rare) => `
    UPDATE attempts SET
      ${[...rare, 'status'].map(setTo).join(', ')}, ended_at_ms = started_at_ms + ?, latency_ms = ?, first_token_ms = ?,
      provider_request_id = ?, cost_nano_usd = ?, ${COMMON_USAGE_COLUMNS.map(setTo).join(', ')}
    WHERE id = ? AND ended_at_ms IS NULL`,
);

function settleAttempt(file: DatabaseFile, id: string, outcome: AttemptOutcome): boolean {
  settleClaims(file, id, outcome);
  const { status, usage, error = null, providerRequestId = null, costNanoUsd = null } = outcome;
  const latencyMs = spanMs(outcome.latencyMs);
  const firstTokenMs = outcome.firstTokenMs === undefined ? null : spanMs(outcome.firstTokenMs);
  const times = [latencyMs, latencyMs, firstTokenMs];
  return runRow(file, SETTLE_ATTEMPT, {
    rare: [error, ...rareUsageValues(usage)],
    common: [status, ...times, providerRequestId, costNanoUsd, ...commonUsageValues(usage), id],
  });
}

const VOID_ATTEMPT = 'DELETE FROM attempts WHERE id = ? AND ended_at_ms IS NULL';

function voidAttempt(file: DatabaseFile, id: string): void {
  freeClaims(file, id);
  file.prepare<[string]>(VOID_ATTEMPT).run(id);
}

const END_REQUEST = rowStatement(
  ['saved_nano_usd', ...END_RARE],
  (rare) => `
    UPDATE requests SET
      ${[...rare, 'status'].map(setTo).join(', ')}, ended_at_ms = started_at_ms + ?, latency_ms = ?, cache = ?, model = ?
    WHERE id = ? AND ended_at_ms IS NULL`,
);

function endRequest(file: DatabaseFile, id: string, end: RequestEnd): boolean {
  const { status, cache, model = null, savedNanoUsd = null } = end;
  const latencyMs = spanMs(end.latencyMs);
  return runRow(file, END_REQUEST, {
    rare: [savedNanoUsd, ...rareEndValues(end)],
    common: [status, latencyMs, latencyMs, cache, model, id],
  });
}

function setTo(column: string): string {
  return `${column} = ?`;
}

const ROW_EXISTS = 'SELECT 1 FROM attempts WHERE id = @id UNION ALL SELECT 1 FROM requests WHERE id = @id';

function rowExists(file: DatabaseFile, id: string): boolean {
  return file.prepare<object>(ROW_EXISTS).get({ id }) !== undefined;
}

const NOTE_LOOSE_END = `
  INSERT INTO loose_ends (id, noted_at_ms, operation) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING`;
const FIND_LOOSE_END = 'SELECT operation FROM loose_ends WHERE id = ?';
const TIE_LOOSE_END = 'DELETE FROM loose_ends WHERE id = ?';
/** Nearly always there are none. */
const looseEnds = new TableLook('loose_ends');

/** Unless the row is there, and just has ended before, or will never be. */
function noteLooseEnd(file: DatabaseFile, operation: LedgerOperation, clock: Clock): void {
  if ('isOfRefused' in operation) return;
  const id = rowIdOf(operation);
  if (rowExists(file, id)) return;
  looseEnds.noteRow(file);
  file.prepare<[string, number, string]>(NOTE_LOOSE_END).run(id, clock.nowMs(), JSON.stringify(operation));
}

/** The row has just begun: what came before it is due now. The note of a void stays, for late repeats. */
function applyLooseEnd(file: DatabaseFile, id: string, clock: Clock): void {
  if (!looseEnds.hasRows(file)) return;
  const noted = file.prepare<[string], { operation: string }>(FIND_LOOSE_END).get(id);
  const operation = noted && parseLedgerOperation(noted.operation);
  if (!operation) return;
  if (operation.type !== 'void-attempt') file.prepare<[string]>(TIE_LOOSE_END).run(id);
  applyOperation(file, operation, clock);
}

/** A span for the books: whole, and never negative when a clock jumped. */
function spanMs(value: number): number {
  return Math.max(0, Math.round(value));
}
