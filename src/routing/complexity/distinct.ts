import { BUCKET_COUNT, bucketOf } from './hash-buckets.ts';
import { hashCharacters, TOKENISED_CHARS_MAX, type Tokens } from './tokens.ts';

const seen = new Uint8Array(BUCKET_COUNT);
const seenBuckets = new Uint16Array(TOKENISED_CHARS_MAX);
let seenCount = 0;

/** Is it the first of its bucket since `forgetSeen`? Two words of one bucket count as one, which is rare. */
export function isFirst(hash: number): boolean {
  const bucket = bucketOf(hash);
  if (seen[bucket] === 1) return false;
  seen[bucket] = 1;
  seenBuckets[seenCount] = bucket;
  seenCount += 1;
  return true;
}

export function forgetSeen(): void {
  for (let at = 0; at < seenCount; at += 1) seen[seenBuckets[at] as number] = 0;
  seenCount = 0;
}

/** The hash of a token as it is written. */
export function hashSpan({ text, starts, ends }: Tokens, at: number): number {
  return hashCharacters(text, starts[at] as number, ends[at] as number);
}
