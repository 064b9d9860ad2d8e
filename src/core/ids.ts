import { randomBytes } from 'node:crypto';
import type { Brand } from './brand.ts';

/** Identifies one request in the books and to the caller. */
export type CallId = Brand<string, 'CallId'>;
/** Identifies one attempt: one exchange with one provider. */
export type AttemptId = Brand<string, 'AttemptId'>;
/** SHA-256, in hex, over everything that changes an answer. */
export type CacheKey = Brand<string, 'CacheKey'>;

/** `nowMs`: when the request began, by the wall clock. */
export function createCallId(nowMs = Date.now()): CallId {
  return `req_${timedId(nowMs)}` as CallId;
}

/** `nowMs`: when the attempt began, by the wall clock. */
export function createAttemptId(nowMs = Date.now()): AttemptId {
  return `att_${timedId(nowMs)}` as AttemptId;
}

/**
 * 32 hex digits: the time in milliseconds, then 80 random bits. What was made together stands together
 * in the books' indexes, so that a commit touches few of their pages.
 */
function timedId(nowMs: number): string {
  if (nowMs !== timeMs) {
    timeMs = nowMs;
    timeDigits = nowMs.toString(16).padStart(12, '0');
  }
  if (nextRandom === randomDigits.length) {
    randomDigits = randomBytes(RANDOM_BYTES * DRAWN_AT_ONCE).toString('hex');
    nextRandom = 0;
  }
  nextRandom += 2 * RANDOM_BYTES;
  return timeDigits + randomDigits.slice(nextRandom - 2 * RANDOM_BYTES, nextRandom);
}

const RANDOM_BYTES = 10;
const DRAWN_AT_ONCE = 128;
/** Written out for many at once; none is used twice. */
let randomDigits = '';
let nextRandom = 0;
/** The latest time, which many share. */
let timeMs = Number.NaN;
let timeDigits = '';
