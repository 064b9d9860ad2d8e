import { BUCKET_COUNT, BucketSet, bucketOf } from './bucket-set.ts';
import { TEXT_CHARS_MAX } from './text-codes.ts';
import type { Token, Tokens } from './tokens.ts';

const PAIR_FACTOR = 0x9e3779b1 | 0;
const NUMBER_SALT = 0x2545f491;

const seen = new BucketSet();
const found = new Uint16Array(2 * TEXT_CHARS_MAX);

/**
 * The distinct buckets of all words, numbers by their shape, and pairs of neighbours. Marks are
 * passed over, so that punctuation changes little.
 */
export function hashBuckets({ list }: Tokens, from: number, to: number): Uint16Array {
  let count = 0;
  let previous = 0;
  for (let at = from; at < to; at += 1) {
    const token = list[at] as Token;
    if (token.kind === 'mark') continue;
    const hash = token.kind === 'word' ? token.hash : hashOfShape(token.hash);
    count = add(bucketOf(hash), count);
    if (previous !== 0) count = add(bucketOf(hashOfPair(previous, hash)), count);
    previous = hash;
  }
  seen.clear();
  return found.slice(0, count);
}

/** Of a number by its shape: not that of a word with the same hash. */
export function hashOfShape(shape: number): number {
  return shape ^ NUMBER_SALT;
}

/** Of two neighbours, by their hashes. */
export function hashOfPair(left: number, right: number): number {
  return Math.imul(left, PAIR_FACTOR) ^ right;
}

const HALF = BUCKET_COUNT / 2;

/**
 * The same buckets, folded so that the words of prompts which offer options and those of others fall
 * into halves of their own: what makes an examiner's question hard is not what makes any other hard.
 */
export function halfBucket(bucket: number, offersOptions: boolean): number {
  return (bucket & (HALF - 1)) | (offersOptions ? HALF : 0);
}

function add(bucket: number, count: number): number {
  if (!seen.add(bucket)) return count;
  found[count] = bucket;
  return count + 1;
}
