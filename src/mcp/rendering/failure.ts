import type { AttemptSummary } from '../../core/books.ts';
import type { ErrorCode } from '../../core/error-codes.ts';
import type { GatewayError } from '../../core/errors.ts';
import type { AttemptRole } from '../../core/verification.ts';
import { formatWait } from '../../core/wording/format-wait.ts';

export type AttemptOutput = {
  readonly model: string;
  /** Absent: for the answer itself. */
  readonly role?: AttemptRole;
  readonly status: string;
  readonly error?: string;
  readonly latency_ms: number;
};

export type FailureOutput = {
  readonly code: ErrorCode;
  readonly message: string;
  /** What to do instead. */
  readonly hint: string;
  readonly retryable: boolean;
  readonly retry_after_ms?: number;
  readonly attempts: readonly (AttemptOutput & { readonly message?: string })[];
  readonly request_id?: string;
};

/** An attempt as tools report it. */
export function toAttemptOutput({ model, role, status, error, latencyMs }: AttemptSummary): AttemptOutput {
  const facts = { status, ...(error !== undefined && { error }), latency_ms: Math.round(latencyMs) };
  return { model, ...(role && { role }), ...facts };
}

/** A failure twice, as clients show a model either: as fields, and as a text. Each alone tells it what to do next. */
export function renderFailure(error: GatewayError): { readonly structured: FailureOutput; readonly text: string } {
  const { code, message, retryAfterMs, attempts, requestId } = error;
  const hint = error.hint ?? error.policy.advice;
  const structured: FailureOutput = {
    code,
    message,
    hint,
    retryable: error.retryable,
    ...(retryAfterMs !== undefined && { retry_after_ms: Math.ceil(retryAfterMs) }),
    attempts: attempts.map((attempt) => ({
      ...toAttemptOutput(attempt),
      ...(attempt.message !== undefined && { message: attempt.message }),
    })),
    ...(requestId !== undefined && { request_id: requestId }),
  };
  const lines = [`${message} (${code})`, ...renderAttempts(error), retryLine(error), hint];
  return { structured, text: lines.join('\n') };
}

function renderAttempts({ attempts, message }: GatewayError): readonly string[] {
  if (attempts.length === 0) return [];
  return ['Tried:', ...attempts.map((attempt, index) => `${index + 1}. ${renderAttempt(attempt, message)}`)];
}

/** Its reason, unless the error's own message has given it. */
function renderAttempt({ model, key, status, error, message, latencyMs }: AttemptSummary, told: string): string {
  const why = message === undefined || told.includes(message) ? '' : `: ${message}`;
  return `${model} (key ${key}): ${error ?? status} after ${Math.round(latencyMs)} ms${why}`;
}

function retryLine({ retryable, retryAfterMs }: GatewayError): string {
  if (!retryable) return 'Retry: no, the same request would fail again.';
  return retryAfterMs === undefined ? 'Retry: yes, after a short wait.' : `Retry: yes, in ${formatWait(retryAfterMs)}.`;
}
