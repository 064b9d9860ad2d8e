import * as z from 'zod';

const LENGTH_MAX = 64;
const PATTERN = /^[^\s\p{Cc}](?:\P{Cc}*[^\s\p{Cc}])?$/u;
const FAULT = 'must have no blank at its ends, and no control character';

/** A name that stands in books, reports and messages, where nobody sees a blank at its end. */
export const nameSchema = z.string().min(1).regex(PATTERN, FAULT).max(LENGTH_MAX);

/** The same for names that are judged at a place of their own. */
export function nameFault(name: string): string | undefined {
  return PATTERN.test(name) ? undefined : FAULT;
}
