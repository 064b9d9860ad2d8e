import { expect, it, onTestFinished, vi } from 'vitest';
import type { CacheKey } from '../../../src/core/ids.ts';
import { FreshAnswers } from '../../../src/store/cache/fresh-answers.ts';

it('writes an answer that comes alone at once, and those of a crowd together', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const writes: string[][] = [];
  const fresh = new FreshAnswers((rows, done) => {
    writes.push(rows.map(({ key }) => key));
    done();
  });
  const add = (key: string) => fresh.add({ key: key as CacheKey, storedAtMs: 1, body: '{}' });

  const written = add('alone');
  expect(fresh.find('alone' as CacheKey)).toBe('{}');
  vi.advanceTimersByTime(1);
  await written;
  for (const key of ['one', 'two', 'three']) {
    void add(key);
    vi.advanceTimersByTime(30);
  }
  expect(writes).toEqual([['alone']]);
  vi.advanceTimersByTime(10);
  expect(writes).toEqual([['alone'], ['one', 'two', 'three']]);
  vi.advanceTimersByTime(1_000);
  void add('later');
  vi.advanceTimersByTime(1);
  expect(writes.at(-1)).toEqual(['later']);
});
