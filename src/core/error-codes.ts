/** What one kind of error does: one row a code, the only place that decides. */
export type ErrorPolicy = {
  readonly httpStatus: number;
  /** The `type` of an OpenAI-shaped error body. */
  readonly openaiType: string;
  /** Ask the same target again? `backoff` within limits, `once`, or not at all. */
  readonly retrySame: 'no' | 'once' | 'backoff';
  /** Try the plan's next candidate? `larger-window` skips those that hold no more. */
  readonly tryNext: 'no' | 'yes' | 'larger-window';
  /**
   * `last`: this key is asked for this model after all others, but for one try a minute. `cool`: this key rests for this model.
   * `disable`: the key (and its account) rests for all models.
   */
  readonly key: 'none' | 'last' | 'cool' | 'disable';
  /** Does it count as a failure of the target in the circuit breaker? */
  readonly breaker: 'none' | 'count';
  /** May the caller repeat the very same request later with hope? */
  readonly callerMayRetry: boolean;
  /** One line for `docs/errors.md`. */
  readonly meaning: string;
};

/** The caller's own mistake: stop, nobody's health changes. */
const CALLER = { retrySame: 'no', tryNext: 'no', key: 'none', breaker: 'none', callerMayRetry: false } as const;
/** The target is unwell: one more try, then the next, and the breaker counts. */
const TARGET = { retrySame: 'once', tryNext: 'yes', key: 'none', breaker: 'count', callerMayRetry: true } as const;

export const ERROR_POLICIES = {
  invalid_request: {
    ...CALLER,
    httpStatus: 400,
    openaiType: 'invalid_request_error',
    meaning: 'The request is malformed; the message names the field.',
  },
  unknown_model: {
    ...CALLER,
    tryNext: 'yes',
    key: 'last',
    httpStatus: 404,
    openaiType: 'invalid_request_error',
    meaning:
      'No such model; near matches are listed. From a provider: it does not serve the model, the next candidate is tried, and others are asked first from then on, but for one try a minute.',
  },
  unknown_provider: {
    ...CALLER,
    httpStatus: 404,
    openaiType: 'invalid_request_error',
    meaning: 'No provider of that name is configured.',
  },
  capability_missing: {
    ...CALLER,
    tryNext: 'yes',
    httpStatus: 400,
    openaiType: 'invalid_request_error',
    meaning: 'No candidate can do what the request needs (images, tools, a JSON schema, a parameter).',
  },
  context_too_long: {
    ...CALLER,
    tryNext: 'larger-window',
    httpStatus: 400,
    openaiType: 'invalid_request_error',
    meaning: 'The prompt does not fit the model; a candidate with a larger window is tried.',
  },
  unauthenticated: {
    ...CALLER,
    httpStatus: 401,
    openaiType: 'authentication_error',
    meaning: 'The caller sent no valid token.',
  },
  forbidden: {
    ...CALLER,
    httpStatus: 403,
    openaiType: 'permission_error',
    meaning: 'The Host or Origin of the request is not allowed, or no key may be used for the model.',
  },
  not_found: {
    ...CALLER,
    httpStatus: 404,
    openaiType: 'invalid_request_error',
    meaning: 'There is nothing at this path, or of this id.',
  },
  too_large: {
    ...CALLER,
    tryNext: 'larger-window',
    httpStatus: 413,
    openaiType: 'invalid_request_error',
    meaning: 'The request is larger than the target takes at once; waiting does not help.',
  },
  rate_limited: {
    ...CALLER,
    retrySame: 'backoff',
    tryNext: 'yes',
    key: 'cool',
    callerMayRetry: true,
    httpStatus: 429,
    openaiType: 'rate_limit_error',
    meaning:
      'No more requests for now. From a provider: its key rests for this model as long as it says. From Signalbox: a rate limit is reached, or every model has as many requests as it takes, and the line is full or too slow.',
  },
  quota_exhausted: {
    ...CALLER,
    tryNext: 'yes',
    key: 'disable',
    httpStatus: 429,
    openaiType: 'insufficient_quota',
    meaning: 'The account is out of credit or at its spending limit; its keys rest for an hour at most.',
  },
  provider_auth: {
    ...CALLER,
    tryNext: 'yes',
    key: 'disable',
    httpStatus: 502,
    openaiType: 'api_error',
    meaning: 'The provider refuses our key, which rests for ten minutes; check it.',
  },
  provider_unavailable: {
    ...TARGET,
    httpStatus: 503,
    openaiType: 'api_error',
    meaning: 'The provider cannot be reached or says it is unavailable.',
  },
  provider_overloaded: {
    ...TARGET,
    httpStatus: 503,
    openaiType: 'api_error',
    meaning: 'The provider is overloaded; one more try, then the next candidate.',
  },
  provider_error: { ...TARGET, httpStatus: 502, openaiType: 'api_error', meaning: 'The provider failed inside.' },
  provider_timeout: {
    ...TARGET,
    retrySame: 'no',
    httpStatus: 504,
    openaiType: 'api_error',
    meaning: 'The provider did not connect, start, go on or finish in time; the message says which.',
  },
  stream_truncated: {
    ...TARGET,
    retrySame: 'no',
    httpStatus: 502,
    openaiType: 'api_error',
    meaning: 'The answer ended before its terminal event.',
  },
  malformed_response: {
    ...TARGET,
    retrySame: 'no',
    httpStatus: 502,
    openaiType: 'api_error',
    meaning: 'The provider answered something that is not its protocol, or not the JSON that was asked for.',
  },
  content_filtered: {
    ...CALLER,
    httpStatus: 400,
    openaiType: 'invalid_request_error',
    meaning: "The provider's content policy refuses the prompt.",
  },
  all_failed: {
    ...CALLER,
    callerMayRetry: true,
    httpStatus: 502,
    openaiType: 'api_error',
    meaning:
      'Every candidate that was tried failed; the message lists them. The status is 503 when each is only rate limited or resting. Where repeating cannot help and a model found fault with the request, the code is what it found: `invalid_request`, `content_filtered`, `capability_missing`, `context_too_long` or `too_large`.',
  },
  all_cooling: {
    ...CALLER,
    callerMayRetry: true,
    httpStatus: 503,
    openaiType: 'rate_limit_error',
    meaning: 'Every candidate is resting; the soonest end is given as Retry-After.',
  },
  budget_exceeded: {
    ...CALLER,
    httpStatus: 402,
    openaiType: 'insufficient_quota',
    meaning: 'The request would cost more than its limit allows.',
  },
  price_unknown: {
    ...CALLER,
    httpStatus: 400,
    openaiType: 'invalid_request_error',
    meaning: 'A cost limit was given, but no candidate has a known price.',
  },
  deadline_exceeded: {
    ...CALLER,
    callerMayRetry: true,
    httpStatus: 504,
    openaiType: 'api_error',
    meaning: "The caller's deadline passed.",
  },
  cancelled: {
    ...CALLER,
    callerMayRetry: true,
    httpStatus: 499,
    openaiType: 'api_error',
    meaning: 'The caller cancelled; what was burnt is booked.',
  },
  config_invalid: {
    ...CALLER,
    httpStatus: 500,
    openaiType: 'api_error',
    meaning: 'The configuration is wrong; the message names the place.',
  },
  storage_unavailable: {
    ...CALLER,
    callerMayRetry: true,
    httpStatus: 503,
    openaiType: 'api_error',
    meaning: 'The books cannot be written, so nothing is sent.',
  },
  loop_detected: {
    ...CALLER,
    httpStatus: 508,
    openaiType: 'api_error',
    meaning: 'The request came back to Signalbox through one of its providers.',
  },
  internal: {
    ...CALLER,
    httpStatus: 500,
    openaiType: 'api_error',
    meaning: 'A defect of Signalbox; the details are in its log.',
  },
} as const satisfies Record<string, ErrorPolicy>;

export type ErrorCode = keyof typeof ERROR_POLICIES;
export const ERROR_CODES = Object.keys(ERROR_POLICIES) as readonly ErrorCode[];

export function errorPolicy(code: ErrorCode): ErrorPolicy {
  return ERROR_POLICIES[code];
}
