/** Hashed words and pairs of words fall into this many buckets. */
export const BUCKET_COUNT = 1 << 14;

const MIX_FACTOR = 0x85ebca6b | 0;
const BUCKET_SHIFT = 18;

/** The bucket of a hash: well mixed, so that neighbours fall apart. */
export function bucketOf(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 15), MIX_FACTOR);
  return (mixed ^ (mixed >>> 13)) >>> BUCKET_SHIFT;
}

/** Distinct buckets. Two hashes of one bucket count as one, which is rare. A bit each, so that all stay near the processor. */
export class BucketSet {
  readonly #bits = new Int32Array(BUCKET_COUNT / 32);

  /** Was it not in the set yet? */
  add(bucket: number): boolean {
    const bits = this.#bits[bucket >> 5] as number;
    const bit = 1 << (bucket & 31);
    if ((bits & bit) !== 0) return false;
    this.#bits[bucket >> 5] = bits | bit;
    return true;
  }

  clear(): void {
    this.#bits.fill(0);
  }
}
