import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { CacheKey } from '../../../src/core/ids.ts';
import { evictAnswers, PART_ROWS, storeAnswer } from '../../../src/store/cache/cache-rows.ts';
import { CACHE_MIGRATIONS } from '../../../src/store/cache/cache-schema.ts';
import { StoredKeys } from '../../../src/store/cache/stored-keys.ts';
import { DatabaseFile } from '../../../src/store/file/database-file.ts';
import type { Store } from '../../../src/store/open-store.ts';
import { cachedAnswer, change, openTestStore, recordingLogger } from '../../support/store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const createKey = () => randomBytes(32).toString('hex') as CacheKey;

it('knows all that a file holds, whatever was stored before, meanwhile or by others, and little else', async () => {
  const folder = temporaryFolder();
  const [file, other] = [await openCache(folder), await openCache(folder)];
  const keys = Array.from({ length: PART_ROWS * 2.5 }, createKey);
  storeKeys(other, keys);
  const stored = new StoredKeys();
  stored.readOn(file);
  const later = Array.from({ length: PART_ROWS * 1.5 }, createKey);
  storeKeys(other, later);
  expect(stored.mayHold(createKey())).toBe(true);
  for (let part = 0; part < 5; part += 1) stored.readOn(file);
  expect([...keys, ...later].filter((key) => !stored.mayHold(key))).toEqual([]);
  expect(countUnknown(stored)).toBeGreaterThan(990);

  const [own, foreign] = [createKey(), createKey()];
  storeKeys(file, [own]);
  stored.add(own);
  expect(stored.mayHold(own)).toBe(true);
  storeKeys(other, [foreign]);
  await expect.poll(() => stored.mayHold(foreign), { interval: 10 }).toBe(true);
  stored.readOn(file);
  expect([own, foreign].filter((key) => !stored.mayHold(key))).toEqual([]);
  expect(countUnknown(stored)).toBeGreaterThan(990);
});

it('reads all again where ids were given twice: after everything, or what was stored last, was evicted', async () => {
  const folder = temporaryFolder();
  const [file, other] = [await openCache(folder), await openCache(folder)];
  const stored = new StoredKeys();
  const kept = createKey();
  storeKeys(other, [kept, createKey()]);
  for (const emptied of ['DELETE FROM answers WHERE id > 1', 'DELETE FROM answers']) {
    await readWhole(stored, file);
    other.database.exec(emptied);
    const again = Array.from({ length: 3 }, createKey);
    storeKeys(other, again);
    await readWhole(stored, file);
    expect(again.filter((key) => !stored.mayHold(key))).toEqual([]);
    expect(countUnknown(stored)).toBeGreaterThan(990);
  }
  expect(stored.mayHold(kept)).toBe(false);
  evictAnswers(other, { oldestMs: 10, newestMs: Number.MAX_SAFE_INTEGER }, 1_000_000);
  await readWhole(stored, file);
  expect(countUnknown(stored)).toBe(1_000);
});

it('finds what another process stored under ids that came again, when an answer of its own stands behind it', async () => {
  const folder = temporaryFolder();
  const [file, other] = [await openCache(folder), await openCache(folder)];
  const stored = new StoredKeys();
  storeKeys(other, [createKey()]);
  await readWhole(stored, file);
  other.database.exec('DELETE FROM answers');
  const [foreign, own] = [createKey(), createKey()];
  storeKeys(other, [foreign]);
  storeKeys(file, [own]);
  stored.add(own);
  await readWhole(stored, file);
  expect([foreign, own].filter((key) => !stored.mayHold(key))).toEqual([]);
});

it.each(['evicted', 'lost with its file'])(
  'finds what stands before its newest row, which was %s and came again',
  async (how) => {
    const folder = temporaryFolder();
    const [file, other] = [await openCache(folder), await openCache(folder)];
    const stored = new StoredKeys();
    const newest = createKey();
    storeKeys(other, [createKey(), createKey(), newest]);
    await readWhole(stored, file);
    if (how === 'evicted') {
      evictAnswers(other, { oldestMs: 10, newestMs: Number.MAX_SAFE_INTEGER }, 1_000_000);
    } else {
      rmSync(join(folder, 'cache.db'));
      for (const each of [other, file]) await each.reopen();
    }
    const before = [createKey(), createKey()];
    storeKeys(other, [...before, newest]);
    await readWhole(stored, file);
    expect([...before, newest].filter((key) => !stored.mayHold(key))).toEqual([]);
  },
);

it('asked all the time, finds at once what it stored itself and soon what another process did, even in another file', async () => {
  const folder = temporaryFolder();
  const [store, other] = [await openTestStore(folder), await openTestStore(folder)];
  for (const isReplaced of [false, false, true, false]) {
    if (isReplaced) rmSync(join(folder, 'cache.db'));
    const keys = Array.from({ length: 10 }, createKey);
    await askInVain(store, keys);
    await Promise.all(keys.slice(2).map((key) => other.cache.write(key, cachedAnswer('theirs'))));
    for (const key of keys.slice(0, 2)) {
      const written = store.cache.write(key, cachedAnswer('ours'));
      expect(await store.cache.has(key)).toBe(true);
      await written;
      expect(await store.cache.has(key)).toBe(true);
    }
    await expect.poll(() => countFound(store, keys), { interval: 10 }).toBe(10);
  }
});

it('finds again what another process stored after somebody emptied the cache', async () => {
  const folder = temporaryFolder();
  const [store, other] = [await openTestStore(folder), await openTestStore(folder)];
  const keys = Array.from({ length: 5 }, createKey);
  await Promise.all(keys.map((key) => other.cache.write(key, cachedAnswer('first'))));
  expect(await countFound(store, keys)).toBe(5);
  change(join(folder, 'cache.db'), 'DELETE FROM answers');
  await expect.poll(() => countFound(store, keys)).toBe(0);
  await Promise.all(keys.map((key) => other.cache.write(key, cachedAnswer('second'))));
  await expect.poll(() => countFound(store, keys), { interval: 10 }).toBe(5);
});

async function openCache(folder: string): Promise<DatabaseFile> {
  const logger = recordingLogger();
  const path = join(folder, 'cache.db');
  const options = {
    path,
    isKept: false,
    migrations: CACHE_MIGRATIONS,
    damagePolicy: 'delete',
    logger,
  } as const;
  const file = await DatabaseFile.open(options);
  onTestFinished(() => file.close());
  return file;
}

function storeKeys(file: DatabaseFile, keys: readonly CacheKey[]): void {
  file.database.transaction(() => {
    for (const key of keys) storeAnswer(file, { key, storedAtMs: 1, body: '{}' }, 1);
  })();
}

/** Until what it does not know is not there. */
async function readWhole(stored: StoredKeys, file: DatabaseFile): Promise<void> {
  await expect.poll(() => stored.mayHold(createKey()), { interval: 5 }).toBe(true);
  while (stored.mayHold(createKey())) stored.readOn(file);
}

/** How many of a thousand keys that nobody stored are known not to be there. */
function countUnknown(stored: StoredKeys): number {
  return Array.from({ length: 1_000 }, createKey).filter((key) => !stored.mayHold(key)).length;
}

async function askInVain(store: Store, keys: readonly CacheKey[]): Promise<void> {
  for (let round = 0; round < 4; round += 1) expect(await countFound(store, keys)).toBe(0);
}

async function countFound(store: Store, keys: readonly CacheKey[]): Promise<number> {
  const found = await Promise.all(keys.map((key) => store.cache.has(key)));
  return found.filter(Boolean).length;
}
