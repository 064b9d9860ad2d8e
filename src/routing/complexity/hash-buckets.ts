import { TOKEN, TOKENISED_CHARS_MAX, type Tokens } from './tokens.ts';

/** Hashed words and pairs of words fall into this many buckets. */
export const BUCKET_COUNT = 1 << 14;

const PAIR_FACTOR = 0x9e3779b1 | 0;
const MIX_FACTOR = 0x85ebca6b | 0;
const NUMBER_SALT = 0x2545f491;
const BUCKET_SHIFT = 18;

const seen = new Uint8Array(BUCKET_COUNT);
const list = new Uint16Array(2 * TOKENISED_CHARS_MAX);

/**
 * The distinct buckets of all words, numbers by their shape, and pairs of neighbours. Marks are
 * passed over, so that punctuation changes little.
 */
export function hashBuckets(tokens: Tokens, from: number, to: number): Uint16Array {
  let count = 0;
  let previous = 0;
  for (let at = from; at < to; at += 1) {
    const kind = tokens.kinds[at] as number;
    if (kind === TOKEN.mark) continue;
    const ofToken = tokens.hashes[at] as number;
    const hash = kind === TOKEN.word ? ofToken : hashOfShape(ofToken);
    count = add(bucketOf(hash), count);
    if (previous !== 0) count = add(bucketOf(hashOfPair(previous, hash)), count);
    previous = hash;
  }
  const buckets = list.slice(0, count);
  for (const bucket of buckets) seen[bucket] = 0;
  return buckets;
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
  if (seen[bucket] === 1) return count;
  seen[bucket] = 1;
  list[count] = bucket;
  return count + 1;
}

/** The bucket of a hash: well mixed, so that neighbours fall apart. */
export function bucketOf(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 15), MIX_FACTOR);
  return (mixed ^ (mixed >>> 13)) >>> BUCKET_SHIFT;
}
