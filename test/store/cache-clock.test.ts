import { expect, it } from 'vitest';
import type { CacheKey } from '../../src/core/ids.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { CACHE_ON, cachedAnswer, openTestStore, temporaryFolder } from '../support/store.ts';

const YEAR_MS = 365 * 86_400_000;

it('answers of a time when the clock was a year ahead make room for those of now', async () => {
  const clock = createFakeClock();
  const { cache } = await openTestStore(temporaryFolder(), { clock, cache: { ...CACHE_ON, maxBytes: 1_000_000 } });
  const keyOf = (number: number) => number.toString(16).padStart(12, '0').padEnd(64, '0') as CacheKey;
  const write = async (first: number) => {
    for (let number = first; number < first + 25; number += 1) {
      await cache.write(keyOf(number), cachedAnswer('x'.repeat(50_000), { storedAtMs: clock.nowMs() }));
    }
  };
  clock.stepWall(YEAR_MS);
  await write(100);
  clock.stepWall(-YEAR_MS);
  await write(200);
  expect(await cache.has(keyOf(224))).toBe(true);
  expect(await cache.has(keyOf(220))).toBe(true);
});
