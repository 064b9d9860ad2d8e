import { expect, it } from 'vitest';
import { BUCKET_MS, EndedSums } from '../../../src/store/traffic/ended-sums.ts';

it('adds up a day of a bucket every five seconds in a time that grows with its buckets', () => {
  const sums = new EndedSums(['requests']);
  const buckets = 86_400_000 / BUCKET_MS;
  const owners = Array.from({ length: 30 }, (_, index) => `provider ${index}`);
  for (const owner of owners) {
    for (let bucket = 0; bucket < buckets; bucket += 1) {
      sums.add({ owner, bucket, sums: { requests: 1 }, latenciesMs: [bucket] });
    }
  }
  const ended = sums.since(0);
  for (const owner of owners) {
    // Of the newest ten thousand, the place that 95 % are below or at.
    expect(ended.get(owner)).toEqual({ sums: { requests: buckets }, latencyMsP95: buckets - 10_000 + 9_499 });
  }
});
