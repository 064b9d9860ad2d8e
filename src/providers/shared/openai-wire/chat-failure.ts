import { meaningOf } from '../../../core/collections/meaning-of.ts';
import type { ErrorCode } from '../../../core/error-codes.ts';
import { GatewayError } from '../../../core/errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/json/json.ts';
import type { Usage } from '../../../core/usage.ts';
import { rateLimitEndMsIn, rateLimitResetMsFrom, retryAfterMsInText } from '../failures/retry-after.ts';
import { VendorErrorBody } from '../failures/vendor-error-body.ts';
import {
  saysContextTooLong,
  saysNoCredit,
  saysNoSuchModel,
  saysWrongKey,
  type VendorFailure,
  type Verdict,
  verdictByStatus,
} from '../failures/vendor-failure.ts';
import { toText } from '../translation/wire-value.ts';

/** OpenAI's codes and types; compatible servers use the same. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  insufficient_quota: 'quota_exhausted',
  credit_balance_exhausted: 'quota_exhausted',
  organization_spend_limit_exceeded: 'quota_exhausted',
  project_spend_limit_exceeded: 'quota_exhausted',
  organization_usage_limit_exceeded: 'quota_exhausted',
  billing_hard_limit_reached: 'quota_exhausted',
  rate_limit_exceeded: 'rate_limited',
  context_length_exceeded: 'context_too_long',
  exceed_context_size_error: 'context_too_long',
  model_not_found: 'unknown_model',
  invalid_api_key: 'provider_auth',
  server_is_overloaded: 'provider_overloaded',
  engine_overloaded: 'provider_overloaded',
  slow_down: 'provider_overloaded',
  server_error: 'provider_error',
  content_filter: 'content_filtered',
  content_policy_violation: 'content_filtered',
};

/** What an OpenAI-shaped failure means: by its code, then its type, then its status. */
export function classifyChatFailure(failure: VendorFailure): Verdict | undefined {
  const { code, type, message, details } = failure;
  const status = failure.status ?? statusIn(code);
  if (status === 501 || CANNOT.test(message)) return { code: 'capability_missing' };
  if (TOO_LONG.test(message)) return { code: 'context_too_long' };
  if (saysNoCredit(failure)) return { code: 'quota_exhausted' };
  const known = meaningOf(code ?? '', CODES) ?? meaningOf(type ?? '', CODES);
  if (known === 'rate_limited' && (status === 413 || ALONE_TOO_LARGE.test(message))) return TOO_LARGE_FOR_LIMIT;
  if (known && status !== 413) return known === 'rate_limited' ? rateLimited(failure) : { code: known };
  if (status === 429) return rateLimited(failure);
  if (status === 402 && AFFORDS_LESS.test(message)) return TOO_LARGE_FOR_CREDIT;
  if (status === 400 || status === undefined) {
    if (saysContextTooLong(message)) return { code: 'context_too_long' };
    if (saysNoSuchModel(message)) return { code: 'unknown_model' };
    if (saysWrongKey(message)) return { code: 'provider_auth' };
    if (RISK.test(message)) return { code: 'content_filtered' };
  }
  // OpenRouter's word for a prompt its moderation stopped: the key is good.
  if (status === 403 && (isFlagged(details?.metadata) || /\bflagged\b/i.test(message))) {
    return { code: 'content_filtered' };
  }
  return status === undefined ? { code: 'provider_error' } : verdictByStatus(status);
}

/**
 * One request of more tokens than an account may use in a minute: waiting does not help, and the limits of others have
 * nothing to do with their windows. Groq says it by status 413, OpenAI under that of a rate limit, in these words.
 */
const ALONE_TOO_LARGE = /^request too large\b/i;
const TOO_LARGE_FOR_LIMIT = {
  code: 'too_large',
  tryNext: 'yes',
  remedy: 'the request alone is more than its rate limit allows; waiting does not help',
} as const;

/** OpenRouter's words where the credit that is left pays for a shorter answer: the key is good. */
const AFFORDS_LESS = /\bcan only afford [1-9]/i;
const TOO_LARGE_FOR_CREDIT = {
  code: 'too_large',
  tryNext: 'yes',
  remedy: 'ask for fewer output tokens, or add credit',
} as const;

/** The words of llama.cpp, vLLM and DeepSeek, under the status of a failure inside or of a bad request. */
const CANNOT =
  /image input is not supported|not a multimodal model|tools param requires|does not support this tool_choice/i;

/** DeepSeek's words for a prompt that its moderation stopped. */
const RISK = /^content exists risk\b/i;

/**
 * llama.cpp's words for a text that it would have to embed in several pieces, and for a window that is full, under the status of a
 * failure inside: github.com/ggml-org/llama.cpp/issues/19774.
 */
const TOO_LONG = /\binput (?:\([^)]*\) )?is too large to process|^context size has been exceeded\b/i;

function isFlagged(metadata: JsonValue | undefined): boolean {
  return isJsonObject(metadata) && metadata.flagged_input !== undefined;
}

/** OpenRouter repeats the HTTP status as the code of an error that comes with status 200. */
function statusIn(code: string | undefined): number | undefined {
  return code !== undefined && /^[45]\d\d$/.test(code) ? Number(code) : undefined;
}

function rateLimited({ headers, message, details }: VendorFailure): Verdict {
  const waitMs =
    retryAfterMsInText(message) ?? (headers && rateLimitResetMsFrom(headers)) ?? rateLimitEndMsIn(details, Date.now());
  return waitMs === undefined ? { code: 'rate_limited' } : { code: 'rate_limited', retryAfterMs: waitMs };
}

/** Some servers report a failure with status 200: thrown like the error event of a stream. */
export function refuseErrorBody(body: unknown): void {
  if (isJsonObject(body) && !(Array.isArray(body.choices) && body.choices.length > 0)) refuseError(body);
}

/**
 * OpenRouter also reports it in the choice, beside what was said until then; other servers by the reason to end alone.
 * Sources: openrouter.ai/docs/api-reference/overview, `NonStreamingChoice`, `StreamingChoice`;
 * api-docs.deepseek.com/api/create-chat-completion and docs.z.ai/api-reference/llm/chat-completion, `finish_reason`.
 */
export function refuseFailed(choice: JsonObject | undefined, usage?: Usage): void {
  if (!choice) return;
  refuseError(choice, usage);
  for (const said of [choice.finish_reason, choice.native_finish_reason]) {
    const reason = toText(said) ?? '';
    const code = meaningOf(reason.toLowerCase(), FAILED_ENDS);
    if (code) throw new GatewayError(code, `it gave its answer up in the middle (${reason}).`, { usage });
  }
}

const FAILED_ENDS: Readonly<Record<string, ErrorCode>> = {
  error: 'provider_error',
  // Of SGLang, and of Z.ai: github.com/earendil-works/pi/issues/1750.
  abort: 'provider_error',
  network_error: 'provider_error',
  insufficient_system_resource: 'provider_overloaded',
  // Of Gemini's models, behind OpenRouter in their own words: github.com/vellum-ai/vellum-assistant/pull/43134.
  malformed_function_call: 'malformed_response',
  unexpected_tool_call: 'malformed_response',
  malformed_response: 'malformed_response',
};

function refuseError(said: JsonObject, usage?: Usage): void {
  if (said.error) throw new VendorErrorBody(said, usage);
}
