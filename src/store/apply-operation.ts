import type { AttemptOutcome, AttemptStart, RequestEnd, RequestStart } from '../core/books.ts';
import type { DatabaseFile } from './database-file.ts';
import { type LedgerOperation, parseLedgerOperation, rowIdOf } from './ledger-operation.ts';

/** Applies one operation inside the caller's transaction. */
export function applyOperation(file: DatabaseFile, operation: LedgerOperation, nowMs: number): void {
  const changed = changeRow(file, operation);
  switch (operation.type) {
    case 'record-request':
    case 'record-attempt':
      if (changed) applyLooseEnd(file, operation, nowMs);
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
      return insertRequest(file, operation.request);
    case 'record-attempt':
      return insertAttempt(file, operation.attempt);
    case 'settle-attempt':
      return settleAttempt(file, operation.id, operation.outcome);
    case 'void-attempt':
      return file.prepare<[string]>(VOID_ATTEMPT).run(operation.id).changes > 0;
    case 'end-request':
      return endRequest(file, operation.id, operation.end);
    default:
      return operation satisfies never;
  }
}

const INSERT_REQUEST = `
  INSERT INTO requests (id, started_at_ms, kind, tenant, client, tier, task, strategy, rule, cache, config_hash)
  VALUES (@id, @startedAtMs, @kind, @tenant, @client, @tier, @task, @strategy, @rule, @cache, @configHash)
  ON CONFLICT (id) DO NOTHING`;

function insertRequest(file: DatabaseFile, request: RequestStart): boolean {
  const { tier = null, task = null, rule = null } = request;
  const row = { ...request, tier, task, rule, startedAtMs: Math.round(request.startedAtMs) };
  return file.prepare<object>(INSERT_REQUEST).run(row).changes > 0;
}

const INSERT_ATTEMPT = `
  INSERT INTO attempts (id, request_id, started_at_ms, provider, model, key, expires_at_ms, price_version, status)
  VALUES (@id, @requestId, @startedAtMs, @provider, @model, @key, @expiresAtMs, @priceVersion, 'pending')
  ON CONFLICT (id) DO NOTHING`;

function insertAttempt(file: DatabaseFile, attempt: AttemptStart): boolean {
  const startedAtMs = Math.round(attempt.startedAtMs);
  const expiresAtMs = Math.round(attempt.expiresAtMs);
  const row = { ...attempt, startedAtMs, expiresAtMs, priceVersion: attempt.priceVersion ?? null };
  return file.prepare<object>(INSERT_ATTEMPT).run(row).changes > 0;
}

// An attempt that was only given up (`ended_at_ms` is still NULL) learns its true end.
const SETTLE_ATTEMPT = `
  UPDATE attempts SET
    status = @status, ended_at_ms = started_at_ms + @latencyMs, latency_ms = @latencyMs, first_token_ms = @firstTokenMs,
    error = @error, provider_request_id = @providerRequestId, usage_source = @source, input_tokens = @inputTokens,
    cached_input_tokens = @cachedInputTokens, cache_write_tokens = @cacheWriteTokens, output_tokens = @outputTokens,
    reasoning_tokens = @reasoningTokens, cost_nano_usd = @costNanoUsd
  WHERE id = @id AND ended_at_ms IS NULL`;

function settleAttempt(file: DatabaseFile, id: string, outcome: AttemptOutcome): boolean {
  const { status, usage, firstTokenMs, error = null, providerRequestId = null, costNanoUsd = null } = outcome;
  const row = {
    ...{ id, status, error, providerRequestId, costNanoUsd },
    ...usage,
    latencyMs: spanMs(outcome.latencyMs),
    firstTokenMs: firstTokenMs === undefined ? null : spanMs(firstTokenMs),
  };
  return file.prepare<object>(SETTLE_ATTEMPT).run(row).changes > 0;
}

const VOID_ATTEMPT = 'DELETE FROM attempts WHERE id = ? AND ended_at_ms IS NULL';

const END_REQUEST = `
  UPDATE requests SET
    status = @status, ended_at_ms = started_at_ms + @latencyMs, latency_ms = @latencyMs, cache = @cache, model = @model,
    error = @error, saved_nano_usd = @savedNanoUsd, coalesced_into = @coalescedInto
  WHERE id = @id AND ended_at_ms IS NULL`;

function endRequest(file: DatabaseFile, id: string, end: RequestEnd): boolean {
  const { status, cache, model = null, error = null, savedNanoUsd = null, coalescedInto = null } = end;
  const row = { id, status, cache, model, error, savedNanoUsd, coalescedInto, latencyMs: spanMs(end.latencyMs) };
  return file.prepare<object>(END_REQUEST).run(row).changes > 0;
}

const ROW_EXISTS = 'SELECT 1 FROM attempts WHERE id = @id UNION ALL SELECT 1 FROM requests WHERE id = @id';

function rowExists(file: DatabaseFile, id: string): boolean {
  return file.prepare<object>(ROW_EXISTS).get({ id }) !== undefined;
}

const NOTE_LOOSE_END = `
  INSERT INTO loose_ends (id, noted_at_ms, operation) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING`;
const FIND_LOOSE_END = 'SELECT operation FROM loose_ends WHERE id = ?';
const TIE_LOOSE_END = 'DELETE FROM loose_ends WHERE id = ?';

function noteLooseEnd(file: DatabaseFile, operation: LedgerOperation, nowMs: number): void {
  const id = rowIdOf(operation);
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
