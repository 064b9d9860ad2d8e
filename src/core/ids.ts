import { randomUUID } from 'node:crypto';
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
 * 32 hex digits: the time in milliseconds, then 74 random bits, as a UUID of version 7. What was made
 * together stands together in the books' indexes, so that a commit touches few of their pages.
 */
function timedId(): string {
  const random = randomUUID();
  return Date.now().toString(16).padStart(12, '0') + random.slice(14, 18) + random.slice(19, 23) + random.slice(24);
}
