import { Buffer } from 'node:buffer';
import { randomFillSync } from 'node:crypto';
import type { Brand } from './brand.ts';

/** Identifies one request in the books and to the caller. */
export type CallId = Brand<string, 'CallId'>;
/** Identifies one attempt: one exchange with one provider. */
export type AttemptId = Brand<string, 'AttemptId'>;
/** SHA-256, in hex, over everything that changes an answer. */
export type CacheKey = Brand<string, 'CacheKey'>;

export function createCallId(): CallId {
  return `req_${timedId()}` as CallId;
}

export function createAttemptId(): AttemptId {
  return `att_${timedId()}` as AttemptId;
}

/**
 * 32 hex digits: the time in milliseconds, then 80 random bits. What was made together stands together
 * in the books' indexes, so that a commit touches few of their pages.
 */
function timedId(): string {
  if (nextRandom === RANDOM.length) {
    randomFillSync(RANDOM);
    nextRandom = 0;
  }
  nextRandom += RANDOM_BYTES;
  return Date.now().toString(16).padStart(12, '0') + RANDOM.toString('hex', nextRandom - RANDOM_BYTES, nextRandom);
}

const RANDOM_BYTES = 10;
/** Drawn for many at once; none is used twice. */
const RANDOM = Buffer.alloc(RANDOM_BYTES * 128);
let nextRandom = RANDOM.length;
