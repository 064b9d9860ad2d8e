import type { JsonObject } from '../../../core/json/json.ts';
import { objectIn } from '../translation/wire-value.ts';

/** Longer waits than a day are taken for nonsense: no vendor's limit lasts longer. */
const WAIT_MS_MAX = 24 * 60 * 60 * 1000;

/** The oldest form of an HTTP date names no time zone, and means GMT; `Date.parse` would take it for our own. */
const ASCTIME = /\d\d:\d\d:\d\d \d{4}$/;

/**
 * How long a provider asks us to wait, in milliseconds: from `retry-after-ms`, or from
 * `retry-after` in seconds or as an HTTP date (RFC 9110, section 10.2.3). Undefined for nonsense.
 */
export function retryAfterMsFrom(headers: Headers, nowMs: number): number | undefined {
  const milliseconds = sensible(numberFrom(headers.get('retry-after-ms')) ?? Number.NaN);
  if (milliseconds !== undefined) return milliseconds;
  const text = headers.get('retry-after')?.trim();
  if (!text) return undefined;
  const seconds = numberFrom(text);
  if (seconds !== undefined) return sensible(seconds * 1000);
  // Only a date with a name of a month: `Date.parse` takes "-5" for a year.
  const dateMs = /[a-z]{3}/i.test(text) ? Date.parse(ASCTIME.test(text) ? `${text} GMT` : text) : Number.NaN;
  return Number.isNaN(dateMs) ? undefined : sensible(Math.max(0, dateMs - nowMs));
}

/**
 * The wait behind OpenAI's and Groq's `x-ratelimit-reset-{requests,tokens}`: of the limit whose
 * remainder is 0.
 */
export function rateLimitResetMsFrom(headers: Headers): number | undefined {
  let longest: number | undefined;
  for (const unit of ['requests', 'tokens']) {
    if (headers.get(`x-ratelimit-remaining-${unit}`)?.trim() !== '0') continue;
    const resetMs = goDurationMs(headers.get(`x-ratelimit-reset-${unit}`) ?? '');
    if (resetMs !== undefined) longest = Math.max(longest ?? 0, resetMs);
  }
  return longest;
}

/**
 * The wait until OpenRouter's `X-RateLimit-Reset`, in milliseconds since 1970, which stands in the body of its refusal.
 * Source: github.com/Gitlawb/openclaude/issues/936.
 */
export function rateLimitEndMsIn(details: JsonObject | undefined, nowMs: number): number | undefined {
  const headers = objectIn(details?.metadata, 'headers');
  if (String(headers?.['X-RateLimit-Remaining']) !== '0') return undefined;
  const waitMs = sensible(Number(headers?.['X-RateLimit-Reset']) - nowMs);
  // What is over by now is no wait.
  return waitMs === 0 ? undefined : waitMs;
}

/** The wait in a sentence such as "Please try again in 7.66s". */
export function retryAfterMsInText(message: string): number | undefined {
  const found = /try again in ((?:\d+(?:\.\d+)?(?:ms|µs|us|h|m|s))+)/i.exec(message);
  return found?.[1] === undefined ? undefined : goDurationMs(found[1]);
}

const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1, us: 0.001, µs: 0.001 };

/** A duration as Go prints it: `6m0s`, `12ms`, `2m59.56s`. Undefined for anything else. */
export function goDurationMs(text: string): number | undefined {
  const trimmed = text.trim();
  if (!/^(?:\d+(?:\.\d+)?(?:ms|µs|us|h|m|s))+$/.test(trimmed)) return undefined;
  let totalMs = 0;
  for (const [, amount = '0', unit = ''] of trimmed.matchAll(/(\d+(?:\.\d+)?)(ms|µs|us|h|m|s)/g)) {
    totalMs += Number(amount) * (UNIT_MS[unit] ?? 0);
  }
  return sensible(totalMs);
}

function numberFrom(text: string | null): number | undefined {
  return text !== null && /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : undefined;
}

function sensible(waitMs: number): number | undefined {
  return waitMs >= 0 && waitMs <= WAIT_MS_MAX ? Math.ceil(waitMs) : undefined;
}
