import { spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { storageUnavailable } from '../../../src/store/file/storage-fault.ts';
import { filesOf } from '../../support/store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const system = (code: string, errno = 0) => Object.assign(new Error(`${code}: write`), { code, errno });

it.each([
  ['ENOSPC', system('ENOSPC'), 'The disk that holds /data/ledger.db is full.', 'Free some space'],
  ['EROFS', system('EROFS'), 'The disk that holds /data/ledger.db can only be read (EROFS).', 'Mount it so that'],
  ['EIO', system('EIO'), 'The disk that holds /data/ledger.db fails (EIO).', 'the log of the system'],
  ['EFBIG', system('EFBIG'), '/data/ledger.db is as large as a file may be there (EFBIG).', 'ulimit -f'],
])('says of %s what is wrong, where, and what to do', (_code, cause, message, hint) => {
  expect(storageUnavailable('/data/ledger.db', cause)).toMatchObject({ message, hint: expect.stringContaining(hint) });
});

it.skipIf(process.platform === 'win32')('says of EDQUOT that it is the quota, for which Node has no name', () => {
  expect(storageUnavailable('/data/ledger.db', system('UNKNOWN', -constants.errno.EDQUOT))).toMatchObject({
    message: 'The disk that holds /data/ledger.db has no quota left for this user (EDQUOT).',
    hint: expect.stringContaining('raise the quota'),
  });
});

it('says as much as SQLite does where the disk takes what is written', () => {
  const folder = temporaryFolder();
  const path = join(folder, 'ledger.db');
  const cause = new Database.SqliteError('disk I/O error', 'SQLITE_IOERR_READ');
  expect(storageUnavailable(path, cause).message).toBe(`${path} cannot be used (SQLITE_IOERR_READ).`);
  expect(filesOf(folder)).toEqual([]);
});

describe.skipIf(process.platform === 'win32')('where no file may be larger than 50 kB', () => {
  it('the program says so, where SQLite only says that a write failed', () => {
    const folder = temporaryFolder();
    const launcher = join(import.meta.dirname, '../../../bin/signalbox.cjs');
    const command = 'ulimit -f 100 && exec "$0" "$@"';
    const args = ['-c', command, process.execPath, launcher, 'status', '--data-dir', folder];
    const { status, stderr } = spawnSync('sh', args, {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, OLLAMA_HOST: '127.0.0.1:9' },
      encoding: 'utf8',
    });
    expect(stderr).toContain('ledger.db is as large as a file may be there (EFBIG).');
    expect(stderr).toContain('ulimit -f');
    expect(status).toBe(1);
  });
});
