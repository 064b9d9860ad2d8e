import { randomUUID } from 'node:crypto';
import type { Brand } from './brand.ts';

/** Identifies one request in the books and to the caller. */
export type CallId = Brand<string, 'CallId'>;
/** Identifies one attempt: one exchange with one provider. */
export type AttemptId = Brand<string, 'AttemptId'>;
/** SHA-256, in hex, over everything that changes an answer. */
export type CacheKey = Brand<string, 'CacheKey'>;

export function createCallId(): CallId {
  return `req_${randomUUID().replaceAll('-', '')}` as CallId;
}

export function createAttemptId(): AttemptId {
  return `att_${randomUUID().replaceAll('-', '')}` as AttemptId;
}
