import { closeSync, mkdirSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it, onTestFinished, vi } from 'vitest';
import { bookCall, filesOf, inspect, loud, openTestStore, recordingLogger } from '../../support/store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const ALL = { tenant: 'local', fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };

it('goes on with a new ledger once nobody keeps the damaged one from being moved aside, which Windows allows its readers', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'ledger.db');
  const logger = recordingLogger();
  const store = await openTestStore(folder, { logger });
  for (let index = 0; index < 60; index += 1) await bookCall(store);
  const other = new Database(path);
  other.pragma('wal_checkpoint(TRUNCATE)');
  other.close();

  pretendWindows();
  const release = occupyPlaceAside(path);
  overwriteFrom(path, 4_096);
  for (const _again of [1, 2]) {
    await expect(bookCall(store)).rejects.toMatchObject({ code: 'storage_unavailable' });
    await expect(store.ledger.costs(ALL)).rejects.toMatchObject({ code: 'storage_unavailable' });
  }

  release();
  await bookCall(store);
  expect((await store.ledger.costs(ALL)).totals.requests).toBe(1);
  expect(filesOf(folder).filter((name) => /corrupt-[^w]+Z$/.test(name))).toHaveLength(1);
  expect(filesOf(folder).filter((name) => name.includes('orphaned'))).toEqual([]);
  expect(loud(logger).at(-1)).toContain('moved aside');
  expect(inspect(path, 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
});

/** There a connection is closed before its file is moved. */
function pretendWindows(): void {
  const platform = Object.getOwnPropertyDescriptor(process, 'platform') as PropertyDescriptor;
  Object.defineProperty(process, 'platform', { ...platform, value: 'win32' });
  onTestFinished(() => void Object.defineProperty(process, 'platform', platform));
}

/** A folder stands where the damaged file would be moved to: here nothing else fails as an open file does there. */
function occupyPlaceAside(path: string): () => void {
  const nowMs = Date.now();
  vi.useFakeTimers({ toFake: ['Date'], now: nowMs });
  onTestFinished(() => void vi.useRealTimers());
  const place = `${path}.corrupt-${new Date(nowMs).toISOString().replaceAll(':', '-')}`;
  mkdirSync(place);
  return () => rmSync(place, { recursive: true });
}

function overwriteFrom(path: string, position: number): void {
  const file = openSync(path, 'r+');
  const length = statSync(path).size - position;
  writeSync(file, Buffer.alloc(length, 0xa5), 0, length, position);
  closeSync(file);
}
