import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { CacheKey } from '../../../src/core/ids.ts';
import type { CacheKeyFields } from '../../../src/core/ports.ts';
import type { Store } from '../../../src/store/open-store.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { CACHE_ON, cachedAnswer, change, filesOf, inspect, openTestStore } from '../../support/store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const NOW_MS = 1_800_000_000_000;
const fields = (tenant: string): CacheKeyFields => ({
  tenant,
  model: 'groq/llama',
  messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
});
const rowsOf = (folder: string) =>
  inspect<{ digest: string; hits: number; last_used_at_ms: number }>(
    join(folder, 'cache.db'),
    'SELECT digest, hits, last_used_at_ms FROM answers ORDER BY id',
  );
const bytesOf = (folder: string) =>
  inspect<{ bytes: number }>(
    join(folder, 'cache.db'),
    `SELECT (page_count - freelist_count) * page_size AS bytes
    FROM pragma_page_count, pragma_freelist_count, pragma_page_size`,
  )[0]?.bytes ?? 0;

async function writeText(store: Store, tenant: string, text: string, storedAtMs = NOW_MS): Promise<void> {
  await store.cache.write(store.cache.keyOf(fields(tenant)), cachedAnswer(text, { storedAtMs }));
}

it('gives back what was stored, to every process and after a restart, and counts hits but not looks', async () => {
  const folder = temporaryFolder();
  const clock = createFakeClock(NOW_MS);
  const [store, other] = [await openTestStore(folder, { clock }), await openTestStore(folder, { clock })];
  const key = store.cache.keyOf(fields('local'));
  expect(await store.cache.read(key)).toBeUndefined();
  const answer = cachedAnswer('Hello', { storedAtMs: NOW_MS });
  await store.cache.write(key, answer);
  clock.stepWall(5);
  expect(await other.cache.read(key)).toEqual(answer);
  expect(await store.cache.read(key)).toEqual(answer);
  expect(await store.cache.has(key)).toBe(true);
  await store.close();
  await other.close();
  expect(rowsOf(folder)).toMatchObject([{ digest: key, hits: 2, last_used_at_ms: NOW_MS + 5 }]);
  expect(await (await openTestStore(folder, { clock })).cache.read(key)).toEqual(answer);
});

it('finds an answer that is still on its way to the disk, the latest of two, and loses none at the end', async () => {
  const folder = temporaryFolder();
  const store = await openTestStore(folder, { clock: createFakeClock(NOW_MS) });
  const key = store.cache.keyOf(fields('local'));
  const second = cachedAnswer('Second', { storedAtMs: NOW_MS + 1 });
  const writes = [
    store.cache.write(key, cachedAnswer('First', { storedAtMs: NOW_MS })),
    store.cache.write(key, second),
  ];
  expect(rowsOf(folder)).toEqual([]);
  expect(await store.cache.has(key)).toBe(true);
  expect(await store.cache.read(key)).toEqual(second);
  await store.close();
  await Promise.all(writes);
  expect(rowsOf(folder)).toHaveLength(1);
  const reopened = await openTestStore(folder, { clock: createFakeClock(NOW_MS) });
  expect(await reopened.cache.read(key)).toEqual(second);
});

it('reads what many ask within a moment once, and finds a newer answer of another process soon after', async () => {
  const folder = temporaryFolder();
  const clock = createFakeClock(NOW_MS);
  const [store, other] = [await openTestStore(folder, { clock }), await openTestStore(folder, { clock })];
  const key = store.cache.keyOf(fields('local'));
  await writeText(store, 'local', 'old');
  const first = await store.cache.read(key);
  expect(await store.cache.read(key)).toBe(first);
  await writeText(other, 'local', 'newer', NOW_MS + 1);
  await expect.poll(async () => (await store.cache.read(key))?.storedAtMs).toBe(NOW_MS + 1);
  await writeText(store, 'local', 'newest', NOW_MS + 2);
  expect((await store.cache.read(key))?.storedAtMs).toBe(NOW_MS + 2);
  clock.stepWall(CACHE_ON.ttlMs + 2);
  expect(await store.cache.read(key)).toBeUndefined();
});

it('of two digests that begin alike none gets the answer of the other, and the later answer stays', async () => {
  const { cache } = await openTestStore(temporaryFolder(), { clock: createFakeClock(NOW_MS) });
  const key = cache.keyOf(fields('local'));
  const alike = `${key.slice(0, 32)}${'0'.repeat(32)}` as CacheKey;
  await cache.write(key, cachedAnswer('Mine', { storedAtMs: NOW_MS }));
  expect(await cache.read(alike)).toBeUndefined();
  await cache.write(alike, cachedAnswer('Theirs', { storedAtMs: NOW_MS + 1 }));
  expect((await cache.read(alike))?.storedAtMs).toBe(NOW_MS + 1);
  expect(await cache.read(key)).toBeUndefined();
});

it('hits are on the disk within seconds, without a close', async () => {
  const folder = temporaryFolder();
  const store = await openTestStore(folder);
  await writeText(store, 'local', 'Hello', Date.now());
  await store.cache.read(store.cache.keyOf(fields('local')));
  await expect.poll(() => rowsOf(folder)[0]?.hits).toBe(1);
});

it('forgets an answer after its time, counted from when it was given', async () => {
  const folder = temporaryFolder();
  const clock = createFakeClock(NOW_MS);
  const store = await openTestStore(folder, { clock, cache: { ...CACHE_ON, ttlMs: 1_000 } });
  const key = store.cache.keyOf(fields('local'));
  await writeText(store, 'local', 'Hello');
  clock.stepWall(999);
  expect(await store.cache.has(key)).toBe(true);
  clock.stepWall(1);
  expect(await store.cache.read(key)).toBeUndefined();
  expect(await store.cache.has(key)).toBe(false);
  await writeText(store, 'other', 'Hello', clock.nowMs());
  expect(rowsOf(folder)).toHaveLength(1);
});

it('holds an answer that was given while the clock was ahead for its time, and a new one takes its place', async () => {
  const folder = temporaryFolder();
  const clock = createFakeClock(NOW_MS);
  const options = { clock, cache: { ...CACHE_ON, ttlMs: 1_000 } };
  let store = await openTestStore(folder, options);
  const key = store.cache.keyOf(fields('local'));
  await writeText(store, 'local', 'of a wrong time', NOW_MS);
  clock.stepWall(-999);
  expect(await store.cache.has(key)).toBe(true);
  clock.stepWall(-1);
  expect(await store.cache.has(key)).toBe(false);
  await writeText(store, 'local', 'of now', clock.nowMs());
  await store.close();
  store = await openTestStore(folder, options);
  expect((await store.cache.read(key))?.storedAtMs).toBe(clock.nowMs());
});

it('the later of two answers to the same question stays', async () => {
  const store = await openTestStore(temporaryFolder(), { clock: createFakeClock(NOW_MS) });
  const key = store.cache.keyOf(fields('local'));
  await writeText(store, 'local', 'new', NOW_MS);
  await writeText(store, 'local', 'old', NOW_MS - 1);
  expect((await store.cache.read(key))?.storedAtMs).toBe(NOW_MS);
  await writeText(store, 'local', 'newer', NOW_MS + 1);
  expect((await store.cache.read(key))?.storedAtMs).toBe(NOW_MS + 1);
});

it('stays within its size, letting go first what was not used for longest', async () => {
  const folder = temporaryFolder();
  const clock = createFakeClock(NOW_MS);
  const maxBytes = 100_000;
  let store = await openTestStore(folder, { clock, cache: { ...CACHE_ON, maxBytes } });
  const text = 'x'.repeat(5_000);
  await Promise.all(Array.from({ length: 14 }, (_, index) => writeText(store, `t${index}`, text, NOW_MS + index)));
  clock.stepWall(1_000);
  await store.cache.read(store.cache.keyOf(fields('t0')));
  await store.close();
  store = await openTestStore(folder, { clock, cache: { ...CACHE_ON, maxBytes } });
  for (let index = 14; index < 40; index += 1) {
    await writeText(store, `t${index}`, text, NOW_MS + index);
    expect(bytesOf(folder)).toBeLessThanOrEqual(maxBytes);
  }
  expect(await store.cache.has(store.cache.keyOf(fields('t0')))).toBe(true);
  expect(await store.cache.has(store.cache.keyOf(fields('t1')))).toBe(false);
  expect(await store.cache.has(store.cache.keyOf(fields('t39')))).toBe(true);

  // A smaller limit is reached by the writes that follow, with some room, so that not every write evicts.
  await store.close();
  store = await openTestStore(folder, { clock, cache: { ...CACHE_ON, maxBytes: 60_000 } });
  await writeText(store, 'last', text, NOW_MS + 50);
  await expect.poll(() => bytesOf(folder)).toBeLessThanOrEqual(60_000);
});

it('thousands of answers whose time is over go in small parts, with many turns of the event loop between them', async () => {
  const folder = temporaryFolder();
  const first = await openTestStore(folder);
  await first.close();
  const old = NOW_MS - 2 * CACHE_ON.ttlMs;
  change(
    join(folder, 'cache.db'),
    `WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 5000)
    INSERT INTO answers (key, digest, body, stored_at_ms, last_used_at_ms) SELECT n, n, '{}', ${old}, ${old} FROM n`,
  );
  const store = await openTestStore(folder, { clock: createFakeClock(NOW_MS) });
  await writeText(store, 'local', 'new');
  for (let turn = 0; turn < 100; turn += 1) await nextTurn();
  expect(rowsOf(folder).length).toBeGreaterThan(2_500);
  await expect.poll(() => rowsOf(folder).length).toBe(1);
});

it('leaves out an answer that would push out an eighth of the others', async () => {
  const folder = temporaryFolder();
  const store = await openTestStore(folder, { cache: { ...CACHE_ON, maxBytes: 80_000 } });
  await writeText(store, 'local', 'x'.repeat(10_000), Date.now());
  expect(await store.cache.has(store.cache.keyOf(fields('local')))).toBe(false);
  expect(rowsOf(folder)).toEqual([]);
});

it('switched off it reads nothing, writes nothing, makes no file and holds nobody up', async () => {
  const folder = temporaryFolder();
  const store = await openTestStore(folder, { cache: { ...CACHE_ON, enabled: false } });
  await writeText(store, 'local', 'Hello');
  expect(await store.cache.read(store.cache.keyOf(fields('local')))).toBeUndefined();
  expect(await store.cache.has(store.cache.keyOf(fields('local')))).toBe(false);
  let turnIsOver = false;
  setImmediate(() => {
    turnIsOver = true;
  });
  await store.cache.read(store.cache.keyOf(fields('local')));
  expect(turnIsOver).toBe(false);
  expect(filesOf(folder).filter((name) => name.startsWith('cache'))).toEqual([]);
});
