import type { AttemptSummary } from './books.ts';
import { type ErrorCode, type ErrorPolicy, errorPolicy } from './error-codes.ts';
import type { CallId } from './ids.ts';
import type { ModelRef, ProviderId } from './model.ts';
import type { Usage } from './usage.ts';

/** What was to fit into a model's window, in tokens. */
export type WindowOverflow = {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly contextTokens: number;
};

/**
 * `at-once`: the adapter knows that nothing is wrong with the target. Its kept-alive connection had gone stale, or it has
 * learnt which field to leave out. The same call again is no sign of trouble, and adds to none.
 */
export type RetrySame = ErrorPolicy['retrySame'] | 'at-once';

export type GatewayErrorOptions = {
  /** What the reader can do about it. One sentence. */
  readonly hint?: string | undefined;
  readonly provider?: ProviderId | undefined;
  readonly model?: ModelRef | undefined;
  /** How long the provider asked us to wait, already parsed, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** Narrows the table's answer where the adapter knows better (a refused connection: `no`). */
  readonly retrySame?: RetrySame | undefined;
  /** The table's answer unless given: the adapter may know whether others can do better. */
  readonly tryNext?: ErrorPolicy['tryNext'] | undefined;
  /** Narrows the table's `callerMayRetry`: when every attempt failed for good, so does the request. */
  readonly retryable?: boolean | undefined;
  /** This process or machine could not ask: it says nothing of the provider. */
  readonly isLocal?: boolean | undefined;
  /** The HTTP status the provider sent. */
  readonly status?: number | undefined;
  /** Narrows the table's answer: for what only HTTP knows (405, 415), or when all that failed will soon do again (503). */
  readonly httpStatus?: number | undefined;
  /** The vendor's own code or type, for the log. */
  readonly vendorCode?: string | undefined;
  readonly providerRequestId?: string | undefined;
  /** What the provider billed although it failed. */
  readonly usage?: Usage | undefined;
  /** What was tried, on an error that ends a request. */
  readonly attempts?: readonly AttemptSummary[] | undefined;
  readonly requestId?: CallId | undefined;
  /** The field of the request that is at fault, as its sender wrote it: `messages[0].role`. */
  readonly param?: string | undefined;
  /** What does not fit, where we know: of the largest window. */
  readonly overflow?: WindowOverflow | undefined;
  /** What may be kept and shown to others, where a vendor's words in the message may quote the request. */
  readonly lastingMessage?: string | undefined;
  readonly cause?: unknown;
};

/** The one error class. `message` is for people, holds no secret and no stack. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly provider: ProviderId | undefined;
  readonly model: ModelRef | undefined;
  readonly retryAfterMs: number | undefined;
  readonly retrySame: RetrySame;
  readonly tryNext: ErrorPolicy['tryNext'];
  /** May the caller repeat the very same request later with hope? */
  readonly retryable: boolean;
  readonly isLocal: boolean;
  readonly status: number | undefined;
  /** The status of our own answer over HTTP. */
  readonly httpStatus: number;
  readonly vendorCode: string | undefined;
  readonly providerRequestId: string | undefined;
  readonly usage: Usage | undefined;
  readonly attempts: readonly AttemptSummary[];
  readonly requestId: CallId | undefined;
  readonly param: string | undefined;
  readonly overflow: WindowOverflow | undefined;
  /** The message, unless that may quote what one caller sent: for health, which all callers see. */
  readonly lastingMessage: string;

  constructor(code: ErrorCode, message: string, options: GatewayErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.provider = options.provider;
    this.model = options.model;
    this.retryAfterMs = options.retryAfterMs;
    this.retrySame = options.retrySame ?? errorPolicy(code).retrySame;
    this.tryNext = options.tryNext ?? errorPolicy(code).tryNext;
    this.retryable = options.retryable ?? errorPolicy(code).callerMayRetry;
    this.isLocal = options.isLocal ?? false;
    this.status = options.status;
    this.httpStatus = options.httpStatus ?? errorPolicy(code).httpStatus;
    this.vendorCode = options.vendorCode;
    this.providerRequestId = options.providerRequestId;
    this.usage = options.usage;
    this.attempts = options.attempts ?? [];
    this.requestId = options.requestId;
    this.param = options.param;
    this.overflow = options.overflow;
    this.lastingMessage = options.lastingMessage ?? message;
  }

  get policy(): ErrorPolicy {
    return errorPolicy(this.code);
  }

  /** The same error with more known about it; what is given wins. */
  with({ message = this.message, ...more }: GatewayErrorOptions & { readonly message?: string }): GatewayError {
    const { hint, provider, model, retryAfterMs, retrySame, status, vendorCode, usage, attempts, cause } = this;
    const { tryNext, retryable, isLocal, httpStatus, providerRequestId, requestId, param } = this;
    const { overflow, lastingMessage } = this;
    const known = { hint, provider, model, retryAfterMs, retrySame, status, vendorCode, usage, attempts, cause };
    const further = { tryNext, retryable, isLocal, httpStatus, providerRequestId, requestId, param };
    return new GatewayError(this.code, message, { ...known, ...further, overflow, lastingMessage, ...more });
  }
}

const STACK_PLACES_MAX = 12;

/**
 * A defect as the log may have it: its name and the places of its stack. The message of an unknown
 * error may quote the prompt or a key.
 */
export function toDefectFields(error: GatewayError): { readonly errorName: string; readonly stack: readonly string[] } {
  const { name, stack = '' } = error.cause instanceof Error ? error.cause : error;
  const places = stack.split('\n').filter((line) => /^\s+at /.test(line));
  return { errorName: name, stack: places.slice(0, STACK_PLACES_MAX).map((line) => line.trim()) };
}

/** What ended a request that had made these attempts before. */
export function afterAttempts(attempts: readonly AttemptSummary[], thrown: unknown): GatewayError {
  const error = toGatewayError(thrown);
  return error.with({ attempts: [...attempts, ...error.attempts] });
}

/** Passes a `GatewayError` through; anything else is a defect and becomes `internal`. */
export function toGatewayError(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  return new GatewayError('internal', 'Signalbox failed inside; its log has the details.', { cause: error });
}
