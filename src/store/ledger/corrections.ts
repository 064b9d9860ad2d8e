import type { Correction } from '../../core/costs.ts';
import { GatewayError } from '../../core/errors.ts';
import type { DatabaseFile } from '../file/database-file.ts';
import type { Value } from '../file/row-statement.ts';
import { correctClaims } from '../quotas/quota-counters.ts';

type CorrectedAttempt = { readonly startedAtMs: number; readonly status: string };

const FIND_ATTEMPT = 'SELECT started_at_ms AS startedAtMs, status FROM attempts WHERE id = ?';
const ADD_CORRECTION = `
  INSERT INTO corrections (
    id, booked_at_ms, attempt_id, at_ms, provider, model, key, tenant, cost_nano_usd, input_tokens, output_tokens, reason
  ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO NOTHING`;

/**
 * Adds corrections to the books, inside the caller's transaction: to every sum and, of an attempt, to the budgets
 * that it was counted in. One that is there already changes nothing. Returns how many were new.
 * Throws `not_found` for an attempt that the books do not have, `invalid_request` for one under way.
 */
export function bookCorrections(file: DatabaseFile, corrections: readonly Correction[], nowMs: number): number {
  let booked = 0;
  for (const correction of corrections) {
    const { changes } = file.prepare<Value[]>(ADD_CORRECTION).run(...valuesOf(file, correction, nowMs));
    booked += changes;
    if (changes > 0 && 'attemptId' in correction.of) correctClaims(file, correction.of.attemptId, correction);
  }
  return booked;
}

function valuesOf(file: DatabaseFile, correction: Correction, nowMs: number): Value[] {
  const { id, of, costNanoUsd = null, inputTokens, outputTokens, reason } = correction;
  const changes = [costNanoUsd, inputTokens, outputTokens, reason];
  if (!('attemptId' in of)) {
    const { provider, model, key = null, tenant = null, atMs } = of;
    return [id, nowMs, null, atMs, provider, model, key, tenant, ...changes];
  }
  const attempt = file.prepare<[string], CorrectedAttempt>(FIND_ATTEMPT).get(of.attemptId);
  if (attempt === undefined) {
    throw new GatewayError('not_found', `The books have no attempt ${of.attemptId} to correct.`);
  }
  if (attempt.status === 'pending') {
    throw new GatewayError('invalid_request', `The attempt ${of.attemptId} is still under way.`, {
      hint: 'Correct it when it has ended.',
    });
  }
  return [id, nowMs, of.attemptId, attempt.startedAtMs, null, null, null, null, ...changes];
}
