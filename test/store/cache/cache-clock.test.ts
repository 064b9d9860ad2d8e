import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { CacheKey } from '../../../src/core/ids.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { CACHE_ON, cachedAnswer, inspect, openTestStore } from '../../support/store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

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

it('answers that are too old go, also behind one of a time when the clock was a year ahead', async () => {
  const clock = createFakeClock();
  const folder = temporaryFolder();
  const { cache } = await openTestStore(folder, { clock, cache: CACHE_ON });
  const write = (digit: string) =>
    cache.write(digit.repeat(64) as CacheKey, cachedAnswer('x', { storedAtMs: clock.nowMs() }));
  await write('1');
  clock.stepWall(YEAR_MS);
  await write('2');
  clock.stepWall(-YEAR_MS);
  await write('3');
  clock.stepWall(CACHE_ON.ttlMs * 1.5);
  await write('4');
  await expect.poll(() => inspect(join(folder, 'cache.db'), 'SELECT hex(key) FROM answers')).toHaveLength(1);
});
