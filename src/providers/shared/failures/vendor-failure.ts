import type { ErrorCode, ErrorPolicy } from '../../../core/error-codes.ts';
import type { RetrySame } from '../../../core/errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/json/json.ts';
import type { ModelInfo } from '../../../core/model.ts';
import type { Usage } from '../../../core/usage.ts';
import type { HttpFailure } from './http-failure.ts';

/** What a vendor says when it fails: as an answer outside 2xx, or as an event inside a stream. */
export type VendorFailure = {
  /** Absent for an event inside a stream. */
  readonly status?: number;
  readonly headers?: Headers;
  readonly message: string;
  readonly type?: string;
  readonly code?: string;
  /** The field of the request the vendor objects to. */
  readonly param?: string;
  /** The vendor's whole error object, for what only its own folder understands. */
  readonly details?: JsonObject;
  readonly usage?: Usage;
  /** Something before the vendor answered: a proxy, a firewall, another server. */
  readonly isPage?: boolean;
};

/** What a failure means to us. What is left out comes from the code's row in the table. */
export type Verdict = {
  readonly code: ErrorCode;
  readonly retrySame?: RetrySame;
  readonly tryNext?: ErrorPolicy['tryNext'];
  /** Where the vendor says it elsewhere than in `retry-after`. */
  readonly retryAfterMs?: number;
  /** Our caller's field that is at fault. */
  readonly param?: string;
  /** What the reader can do, as the end of a sentence; one by the code when absent. */
  readonly remedy?: string;
};

/** A vendor's own reading of its failures; undefined leaves it to the status. */
export type FailureClassifier = (failure: VendorFailure, model?: ModelInfo) => Verdict | undefined;

/** Reads the error shapes in use: `{error:{message,…}}`, `{error:"…"}`, `{errors:[{message,…}]}`, `{message}`, or plain text. */
export function fromHttpFailure({ status, headers, bodyText }: HttpFailure): VendorFailure {
  let body: JsonValue | undefined;
  try {
    body = JSON.parse(bodyText) as JsonValue;
  } catch {
    const message = beginningOf(withoutTags(bodyText).trim());
    return { status, headers, message, isPage: isWebPage(headers) };
  }
  return { ...fromErrorValue(body), status, headers };
}

export function isWebPage(headers: Headers): boolean {
  return /^(text\/html|application\/xhtml)/i.test(headers.get('content-type') ?? '');
}

/** A proxy's page or plain text: its tags say nothing to a reader. No `<` is looked behind twice, however many there are. */
function withoutTags(text: string): string {
  return text.replace(/<(script|style)\b[^<>]*>[\s\S]*?(?:<\/\1>|$)/gi, ' ').replace(/<[^<>]+>/g, ' ');
}

/** Far more than is shown of it; the patterns that look for words in it would take minutes over a hostile one. */
const MESSAGE_CHARACTERS_MAX = 8_192;

function beginningOf(message: string): string {
  return message.slice(0, MESSAGE_CHARACTERS_MAX);
}

/** The same for an error event of a stream; takes the event or the `error` inside it. */
export function fromErrorValue(value: JsonValue | undefined): VendorFailure {
  // Gemini wraps its errors in an array when it streams.
  const outer = Array.isArray(value) ? value[0] : value;
  const error = isJsonObject(outer) ? (outer.error ?? firstOfErrors(outer) ?? outer) : outer;
  if (typeof error === 'string') return { message: beginningOf(error) };
  if (!isJsonObject(error)) return { message: '' };
  const type = textOf(error.type) ?? textOf(error.error_type) ?? textOf(error.status);
  const code = textOf(error.code);
  const param = textOf(error.param);
  return {
    message: beginningOf(messageIn(error) ?? fieldErrorsIn(error.detail)),
    details: error,
    ...(type !== undefined && { type }),
    ...(code !== undefined && { code }),
    ...(param !== undefined && { param }),
  };
}

function messageIn({ message, detail, error_message }: JsonObject): string | undefined {
  return textOf(message) ?? textOf(detail) ?? textOf(error_message);
}

/** Of Cloudflare's list, which stands where others have a message. */
function firstOfErrors({ message, errors }: JsonObject): JsonValue | undefined {
  return Array.isArray(errors) && message === undefined ? errors[0] : undefined;
}

/** FastAPI's list of what is wrong with which field. */
function fieldErrorsIn(detail: JsonValue | undefined): string {
  if (!Array.isArray(detail)) return '';
  const errors = detail.filter(isJsonObject).map(({ loc, msg }) => {
    return `${Array.isArray(loc) ? loc.join('.') : ''}: ${textOf(msg) ?? 'is wrong'}`;
  });
  return errors.slice(0, 5).join('; ');
}

function textOf(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'string' && value !== '') return value;
  return typeof value === 'number' ? String(value) : undefined;
}

/** The verdict by HTTP status alone, for every vendor alike. */
export function verdictByStatus(status: number): Verdict {
  if (status >= 300 && status < 400) {
    return { code: 'provider_unavailable', retrySame: 'no', remedy: 'redirects are not followed; check baseUrl' };
  }
  switch (status) {
    case 401:
    case 403:
      return { code: 'provider_auth' };
    case 402:
      return { code: 'quota_exhausted' };
    case 404:
    // The path is there, for something else.
    case 405:
    case 410:
      return { code: 'unknown_model' };
    case 407:
      return {
        code: 'provider_unavailable',
        retrySame: 'no',
        remedy: 'a proxy on the way to it asks for a password, or refuses the one in HTTP_PROXY',
      };
    case 408:
    case 504:
      return { code: 'provider_timeout', retrySame: 'once' };
    case 413:
      return { code: 'too_large' };
    case 429:
      return { code: 'rate_limited' };
    // "Too early": the very same request may succeed.
    case 425:
    case 502:
    case 503:
      return { code: 'provider_unavailable' };
    case 508:
      return { code: 'loop_detected' };
    case 511:
      return { code: 'provider_unavailable', retrySame: 'no', remedy: 'this network wants a login first' };
    case 529:
      return { code: 'provider_overloaded' };
    default:
      // 409 is a lock conflict inside the provider, which the SDKs retry as well.
      return { code: status >= 500 || status === 409 ? 'provider_error' : 'invalid_request' };
  }
}

/**
 * The same for a web page. Who wrote it has not read the request: it is neither wrong nor was its key looked at, but for
 * one who asks for a key at all (401).
 */
export function verdictOfPage(status: number): Verdict {
  const verdict = verdictByStatus(status);
  if (verdict.code !== 'invalid_request' && status !== 403) return verdict;
  return { code: 'malformed_response', remedy: 'a web page and not its API; check baseUrl, and any proxy or firewall' };
}

/**
 * The part of a failure that its server says itself. What it repeats of the request or the answer (vLLM and others on
 * FastAPI, Ollama) may hold any words, and so would decide what the failure means.
 */
export function ownWords(message: string): string {
  return message.replace(/(?:, 'input': |\binput_value=|\braw=').*/s, '');
}

/**
 * An account without money, under whatever status: DeepSeek (402), MiniMax (500), Z.ai (429, also in Chinese), SiliconFlow (403), Alibaba's
 * Model Studio (400, 403) and xAI (403, 429). Sources: users' reports, such as github.com/vercel/ai/issues/9290,
 * github.com/MiniMax-AI/MiniMax-M2/issues/62, github.com/anomalyco/opencode/issues/22994, github.com/continuedev/continue/issues/10373.
 */
export function saysNoCredit({ status, message }: VendorFailure): boolean {
  // Anybody may name a model so.
  if (status === 404 || saysNoSuchModel(message)) return false;
  return /\binsufficient (?:account )?balance\b|\bbalance is insufficient\b|余额不足|已欠费|\boverdue account\b|\baccount is in good standing\b|\b(?:run out of|used all available) credits\b/i.test(
    message.replace(QUOTED, '').slice(0, CREDIT_WORDS_WITHIN),
  );
}

/** Of the request, such as a name in a schema. In double quotes may stand a whole message that another gateway passes on. */
const QUOTED = /`[^`]*`|(?<!\w)'[^']*'(?!\w)/g;
/** What stands further back in a message may be quoted from the request, and a key would rest for it. */
const CREDIT_WORDS_WITHIN = 160;

/** A key that is none, of those that call it a bad request: xAI, and Google on the wire of OpenAI. */
export function saysWrongKey(message: string): boolean {
  return /^(?:incorrect api key provided|api key not valid)\b/i.test(message);
}

/** Vendors without a code of their own say it in words. With an underscore they may be the name of somebody's tool or field. */
export function saysContextTooLong(message: string): boolean {
  return /context[ -](length|window|size)|context_length_exceeded|context_?window_?exceeded|too many (input )?tokens|prompt is too long|maximum (prompt|input) length is|maximum (input )?tokens|input is too long|token limit|^max_tokens must be at least 1, got -/i.test(
    message,
  );
}

/**
 * The words for a model that a server has not, of those that call it a bad request: LM Studio, llama.cpp, DeepSeek, OpenRouter,
 * Mistral and LiteLLM.
 */
export function saysNoSuchModel(message: string): boolean {
  return /^no models? loaded|^model not exist|\bmodel ['"`][^'"`]+['"`] (?:is )?not found|is not a valid model id|\binvalid model(?::| name\b| ['"`])/i.test(
    message,
  );
}
