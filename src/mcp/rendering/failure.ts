import type { AttemptSummary } from '../../core/books.ts';
import type { ErrorCode } from '../../core/error-codes.ts';
import type { GatewayError } from '../../core/errors.ts';
import { formatWait } from '../../core/format-wait.ts';
import type { AttemptRole } from '../../core/verification.ts';

/** What the caller can do when the error itself has no better hint. */
const ADVICE = {
  invalid_request: 'Correct the arguments and call again.',
  unknown_model: 'Call list_models for the names that work, or leave model out.',
  unknown_provider: 'Call provider_status for the names that work, or leave provider out.',
  capability_missing: 'Leave model, provider and tier out, or call list_models with the capability you need.',
  context_too_long: 'Shorten the input, or call list_models for a model with a larger window.',
  unauthenticated: 'Send a valid token.',
  forbidden: 'Use a token that may do this.',
  not_found: 'Check the name.',
  too_large: 'Send less.',
  rate_limited: 'Wait, or name another model or provider.',
  quota_exhausted: 'Name another provider, or top up the account at this one.',
  provider_auth: 'Name another provider, or correct the key in the configuration.',
  provider_unavailable: 'Name another provider; provider_status shows which are up.',
  provider_overloaded: 'Wait a little, or name another model or provider.',
  provider_error: 'Try again, or name another model or provider.',
  provider_timeout: 'Try again, name a faster model, or ask for a shorter answer.',
  stream_truncated: 'Try again, or name another model or provider.',
  malformed_response: 'Try again, or name another model.',
  content_filtered: 'Rephrase the prompt; the same text will be refused again.',
  all_failed: 'provider_status shows what is wrong with each provider.',
  all_cooling: 'Wait, or name a model of another provider.',
  budget_exceeded: 'Raise max_cost_usd, lower max_output_tokens, shorten the input, or choose a cheaper model.',
  price_unknown: 'Leave max_cost_usd out, or give the price of the model in the configuration.',
  deadline_exceeded: 'Allow more time in deadline_ms, name a faster model, or ask for a shorter answer.',
  cancelled: 'Call again if the answer is still wanted.',
  config_invalid: 'Run "signalbox check" and correct the configuration.',
  storage_unavailable: 'Check the data folder: free space and permission to write.',
  loop_detected: 'Remove the provider whose address is Signalbox itself.',
  internal: "Try again; if it stays, report it with Signalbox's log.",
} as const satisfies Record<ErrorCode, string>;

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
  const hint = error.hint ?? ADVICE[code];
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
