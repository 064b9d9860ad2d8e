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
  /** What a tool's or a command's caller can do, where the error itself has no better hint. */
  readonly advice: string;
  /** What to do when this is why no model can take a request; only codes that concern the request itself have it. */
  readonly adviceForAll?: string;
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
    advice: 'Correct the arguments and call again.',
  },
  unknown_model: {
    ...CALLER,
    tryNext: 'yes',
    key: 'last',
    httpStatus: 404,
    openaiType: 'invalid_request_error',
    meaning:
      'No such model; near matches are listed. From a provider: it does not serve the model, the next candidate is tried, and others are asked first from then on, but for one try a minute.',
    advice: 'Call list_models for the names that work, or leave model out.',
  },
  unknown_provider: {
    ...CALLER,
    httpStatus: 404,
    openaiType: 'invalid_request_error',
    meaning: 'No provider of that name is configured.',
    advice: 'Call provider_status for the names that work, or leave provider out.',
  },
  capability_missing: {
    ...CALLER,
    tryNext: 'yes',
    httpStatus: 400,
    openaiType: 'invalid_request_error',
    meaning: 'No candidate can do what the request needs (images, PDFs, tools, a JSON schema, a parameter).',
    advice: 'Leave model, provider and tier out, or call list_models with the capability you need.',
    adviceForAll: 'Name a model that can (list_models with a capability), or add one to the configuration.',
  },
  context_too_long: {
    ...CALLER,
    tryNext: 'larger-window',
    httpStatus: 400,
    openaiType: 'invalid_request_error',
    meaning: 'The prompt does not fit the model; a candidate with a larger window is tried.',
    advice: 'Shorten the input, or call list_models for a model with a larger window.',
    adviceForAll: 'Shorten the prompt or the requested output, or add a model with a larger window.',
  },
  unauthenticated: {
    ...CALLER,
    httpStatus: 401,
    openaiType: 'authentication_error',
    meaning: 'The caller sent no valid token.',
    advice: 'Send a valid token.',
  },
  forbidden: {
    ...CALLER,
    httpStatus: 403,
    openaiType: 'permission_error',
    meaning: 'The Host or Origin of the request is not allowed, or no key may be used for the model.',
    advice: 'Use a token that may do this.',
  },
  not_found: {
    ...CALLER,
    httpStatus: 404,
    openaiType: 'invalid_request_error',
    meaning: 'There is nothing at this path, or of this id.',
    advice: 'Check the name.',
  },
  too_large: {
    ...CALLER,
    tryNext: 'larger-window',
    httpStatus: 413,
    openaiType: 'invalid_request_error',
    meaning: 'The request is larger than the target takes at once; waiting does not help.',
    advice: 'Send less.',
    adviceForAll: 'Send less, ask for fewer output tokens, or name another model.',
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
    advice: 'Wait, or name another model or provider.',
  },
  quota_exhausted: {
    ...CALLER,
    tryNext: 'yes',
    key: 'disable',
    httpStatus: 429,
    openaiType: 'insufficient_quota',
    meaning: 'The account is out of credit or at its spending limit; its keys rest for an hour at most.',
    advice: 'Name another provider, or top up the account at this one.',
  },
  provider_auth: {
    ...CALLER,
    tryNext: 'yes',
    key: 'disable',
    httpStatus: 502,
    openaiType: 'api_error',
    meaning: 'The provider refuses our key, which rests for ten minutes; check it.',
    advice: 'Name another provider, or correct the key in the configuration.',
  },
  provider_unavailable: {
    ...TARGET,
    httpStatus: 503,
    openaiType: 'api_error',
    meaning: 'The provider cannot be reached or says it is unavailable.',
    advice: 'Name another provider; provider_status shows which are up.',
  },
  provider_overloaded: {
    ...TARGET,
    httpStatus: 503,
    openaiType: 'api_error',
    meaning: 'The provider is overloaded; one more try, then the next candidate.',
    advice: 'Wait a little, or name another model or provider.',
  },
  provider_error: {
    ...TARGET,
    httpStatus: 502,
    openaiType: 'api_error',
    meaning: 'The provider failed inside.',
    advice: 'Try again, or name another model or provider.',
  },
  provider_timeout: {
    ...TARGET,
    retrySame: 'no',
    httpStatus: 504,
    openaiType: 'api_error',
    meaning: 'The provider did not connect, start, go on or finish in time; the message says which.',
    advice: 'Try again, name a faster model, or ask for a shorter answer.',
  },
  stream_truncated: {
    ...TARGET,
    retrySame: 'no',
    httpStatus: 502,
    openaiType: 'api_error',
    meaning: 'The answer ended before its terminal event.',
    advice: 'Try again, or name another model or provider.',
  },
  malformed_response: {
    ...TARGET,
    retrySame: 'no',
    httpStatus: 502,
    openaiType: 'api_error',
    meaning: 'The provider answered something that is not its protocol, or not the JSON that was asked for.',
    advice: 'Try again, or name another model.',
  },
  content_filtered: {
    ...CALLER,
    httpStatus: 400,
    openaiType: 'invalid_request_error',
    meaning: "The provider's content policy refuses the prompt.",
    advice: 'Rephrase the prompt; the same text will be refused again.',
  },
  all_failed: {
    ...CALLER,
    callerMayRetry: true,
    httpStatus: 502,
    openaiType: 'api_error',
    meaning:
      'Every candidate that was tried failed; the message lists them. The status is 503 when each is only rate limited or resting. Where repeating cannot help and a model found fault with the request, the code is what it found: `invalid_request`, `content_filtered`, `capability_missing`, `context_too_long` or `too_large`.',
    advice: 'provider_status shows what is wrong with each provider.',
  },
  all_cooling: {
    ...CALLER,
    callerMayRetry: true,
    httpStatus: 503,
    openaiType: 'rate_limit_error',
    meaning: 'Every candidate is resting; the soonest end is given as Retry-After.',
    advice: 'Wait, or name a model of another provider.',
  },
  budget_exceeded: {
    ...CALLER,
    httpStatus: 402,
    openaiType: 'insufficient_quota',
    meaning: 'The request would cost more than its limit allows.',
    advice: 'Raise max_cost_usd, lower max_output_tokens, shorten the input, or choose a cheaper model.',
    adviceForAll: 'Raise max_cost_usd, ask for fewer output tokens, or for a cheaper tier.',
  },
  price_unknown: {
    ...CALLER,
    httpStatus: 400,
    openaiType: 'invalid_request_error',
    meaning: 'A cost limit was given, but no candidate has a known price.',
    advice: 'Leave max_cost_usd out, or give the price of the model in the configuration.',
    adviceForAll: 'Give the model a price in the configuration, or leave max_cost_usd out.',
  },
  deadline_exceeded: {
    ...CALLER,
    callerMayRetry: true,
    httpStatus: 504,
    openaiType: 'api_error',
    meaning: "The caller's deadline passed.",
    advice: 'Allow more time in deadline_ms, name a faster model, or ask for a shorter answer.',
  },
  cancelled: {
    ...CALLER,
    callerMayRetry: true,
    httpStatus: 499,
    openaiType: 'api_error',
    meaning: 'The caller cancelled; what was burnt is booked.',
    advice: 'Call again if the answer is still wanted.',
  },
  config_invalid: {
    ...CALLER,
    httpStatus: 500,
    openaiType: 'api_error',
    meaning: 'The configuration is wrong; the message names the place.',
    advice: 'Correct the configuration; "signalbox check" looks at it again.',
  },
  storage_unavailable: {
    ...CALLER,
    callerMayRetry: true,
    httpStatus: 503,
    openaiType: 'api_error',
    meaning: 'The books cannot be written, so nothing is sent.',
    advice: 'Check the data folder: free space and permission to write.',
  },
  loop_detected: {
    ...CALLER,
    httpStatus: 508,
    openaiType: 'api_error',
    meaning: 'The request came back to Signalbox through one of its providers.',
    advice: 'Remove the provider whose address is Signalbox itself.',
  },
  internal: {
    ...CALLER,
    httpStatus: 500,
    openaiType: 'api_error',
    meaning: 'A defect of Signalbox; the details are in its log.',
    advice: "Try again; if it stays, report it with Signalbox's log.",
  },
} as const satisfies Record<string, ErrorPolicy>;

export type ErrorCode = keyof typeof ERROR_POLICIES;
export const ERROR_CODES = Object.keys(ERROR_POLICIES) as readonly ErrorCode[];

export function errorPolicy(code: ErrorCode): ErrorPolicy {
  return ERROR_POLICIES[code];
}
