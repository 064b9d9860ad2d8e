import type { Random } from '../core/ports.ts';

const FIRST_MS = 500;
const LONGEST_MS = 8_000;

/**
 * Exponential backoff with full jitter: uniform between 0 and `500 ms * 2^retry`, at most 8 s.
 * Source: "Exponential Backoff And Jitter", AWS Architecture Blog.
 */
export function backoffMs(retry: number, random: Random): number {
  return random.next() * Math.min(LONGEST_MS, FIRST_MS * 2 ** retry);
}
