import { readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import type { DatabaseFile } from '../../../src/store/file/database-file.ts';
import { filesOf, loud, openLedgerFile, openTestStore, recordingLogger } from '../../support/store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** What SQLite says in a statement when the disk says EIO. */
function sayDamaged(): never {
  throw new Database.SqliteError('database disk image is malformed', 'SQLITE_CORRUPT');
}

const countRequests = (file: DatabaseFile) => () => file.prepare('SELECT count(*) FROM requests').pluck().get();
const asideIn = (folder: string) => filesOf(folder).filter((name) => name.includes('corrupt'));

it('leaves a ledger that is called damaged once where it is, and reads it again', async () => {
  const folder = temporaryFolder();
  const logger = recordingLogger();
  const file = await openLedgerFile(folder, logger);
  const count = countRequests(file);
  const answers = [sayDamaged, count];
  expect(await file.read(() => answers.shift()?.())).toBe(0);
  expect(loud(logger)).toEqual([]);
  expect(asideIn(folder)).toEqual([]);
});

// Reading that file from its beginning is EIO.
describe.skipIf(process.platform !== 'linux')('on a disk that cannot be read', () => {
  const unreadable = '/proc/self/mem';

  it('refuses to start, and leaves a ledger that seems damaged where it is', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'ledger.db');
    writeFileSync(path, 'x'.repeat(8_192));
    const before = readFileSync(path);
    symlinkSync(unreadable, `${path}-wal`);
    await expect(openTestStore(folder)).rejects.toMatchObject({
      code: 'storage_unavailable',
      message: expect.stringContaining('EIO'),
    });
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(asideIn(folder)).toEqual([]);
  });

  it('refuses what is asked of an open ledger, and goes on with it when the disk can be read again', async () => {
    const folder = temporaryFolder();
    const log = join(folder, 'ledger.db-wal');
    const logger = recordingLogger();
    const file = await openLedgerFile(folder, logger);
    renameSync(log, `${log}.kept`);
    symlinkSync(unreadable, log);
    for (let asked = 0; asked < 3; asked += 1)
      await expect(file.read(sayDamaged)).rejects.toMatchObject({
        code: 'storage_unavailable',
        message: expect.stringContaining('EIO'),
      });
    renameSync(`${log}.kept`, log);
    expect(await file.read(countRequests(file))).toBe(0);
    expect(loud(logger)).toEqual([]);
    expect(asideIn(folder)).toEqual([]);
  });
});
