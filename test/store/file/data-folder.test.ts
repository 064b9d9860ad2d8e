import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { mountLayers, mountOver, mountSmallDisk, unmount } from '../../support/small-disk.ts';
import {
  bookCall,
  filesOf,
  inspect,
  loud,
  openLedgerFile,
  openTestStore,
  recordingLogger,
  requestStart,
} from '../../support/store.ts';
import { startProcess } from '../../support/store-process.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

it.runIf(existsSync('/proc/self'))('says that a folder cannot be made where none may be', async () => {
  await expect(openTestStore('/proc/signalbox')).rejects.toMatchObject({
    code: 'storage_unavailable',
    message: expect.stringContaining('/proc/signalbox'),
  });
});

it.each([
  ['file', 0o600],
  ['program', 0o700],
])('creates a missing data folder; a %s in its place or above it is refused by name', async (_kind, mode) => {
  const folder = temporaryFolder();
  await openTestStore(join(folder, 'a', 'b'));
  writeFileSync(join(folder, 'file'), 'x', { mode });
  await expect(openTestStore(join(folder, 'file'))).rejects.toMatchObject({
    code: 'storage_unavailable',
    message: `The data folder ${join(folder, 'file')} is not a folder.`,
    hint: expect.stringContaining('--data-dir'),
  });
  await expect(openTestStore(join(folder, 'file', 'below'))).rejects.toMatchObject({
    code: 'storage_unavailable',
    message: expect.stringContaining(join(folder, 'file', 'below')),
  });
});

it.each(['data', 'data/below'])('says that a link leads nowhere: %s', async (name) => {
  const folder = temporaryFolder();
  symlinkSync(join(folder, 'unmounted'), join(folder, 'data'));
  await expect(openTestStore(join(folder, name))).rejects.toMatchObject({
    code: 'storage_unavailable',
    message: `The data folder cannot be made: ${join(folder, 'data')} is a link to nothing.`,
    hint: expect.stringContaining('mount its disk'),
  });
});

it('goes on when there is a folder again, however often there was none', async () => {
  const folder = join(temporaryFolder(), 'data');
  const store = await openTestStore(folder);
  await bookCall(store);
  renameSync(folder, `${folder}.away`);
  writeFileSync(folder, '');
  for (let index = 0; index < 6; index += 1) {
    const refused = store.ledger.recordRequest(requestStart());
    await expect(refused).rejects.toMatchObject({ code: 'storage_unavailable' });
  }
  rmSync(folder);
  await bookCall(store);
  expect(inspect(join(folder, 'ledger.db'), 'SELECT count(*) AS count FROM attempts')).toEqual([{ count: 1 }]);
});

it('begins no new books where its disk is not mounted any more, and goes on when it is again', async ({ skip }) => {
  const parent = temporaryFolder();
  const [disk, folder] = [join(parent, 'disk'), join(parent, 'mnt')];
  for (const path of [disk, folder]) mkdirSync(path);
  if (!mountSmallDisk(disk) || !mountOver(disk, folder)) skip('a small disk can be mounted by the superuser only');
  const logger = recordingLogger();
  const store = await openTestStore(join(folder, 'data'), { logger });
  await bookCall(store);
  unmount(folder);
  for (let index = 0; index < 6; index += 1) {
    await expect(store.ledger.recordRequest(requestStart())).rejects.toMatchObject({
      code: 'storage_unavailable',
      message: `The disk that held ${join(folder, 'data', 'ledger.db')} is not mounted any more.`,
    });
  }
  expect(filesOf(folder)).toEqual([]);
  mountOver(disk, folder);
  await bookCall(store);
  expect((await store.ledger.recentRequests({ limit: 10 })).map(({ status }) => status)).toEqual([
    'success',
    'success',
  ]);
  expect(loud(logger).filter((line) => line.includes('replaced'))).toEqual([]);
});

it.runIf(process.platform === 'linux')(
  'sets a new file up without a journal that has to be on the disk first',
  async () => {
    const folder = temporaryFolder();
    const seen: (string | null)[] = [];
    const watcher = watch(folder, (_event, name) => seen.push(name));
    onTestFinished(() => watcher.close());
    await openLedgerFile(folder, recordingLogger(), true);
    await expect.poll(() => seen).toContain('ledger.db-wal');
    expect(seen).not.toContain('ledger.db-journal');
  },
);

it('begins new books where they were deleted from layers of file systems', async ({ skip }) => {
  const folder = temporaryFolder();
  if (!mountLayers(folder)) skip('layers can be mounted by the superuser only');
  const store = await openTestStore(join(folder, 'data'));
  await bookCall(store);
  rmSync(join(folder, 'data'), { recursive: true });
  await bookCall(store);
  expect(await store.ledger.recentRequests({ limit: 10 })).toHaveLength(1);
});

it('keeps the books behind a link, also those of many at once', async () => {
  const folder = temporaryFolder();
  await (await openTestStore(folder)).close();
  mkdirSync(join(folder, 'elsewhere'));
  const path = join(folder, 'elsewhere', 'books.db');
  renameSync(join(folder, 'ledger.db'), path);
  symlinkSync(path, join(folder, 'ledger.db'));
  const store = await openTestStore(folder);
  await Promise.all(Array.from({ length: 20 }, () => bookCall(store)));
  await store.close();
  expect(inspect(path, 'SELECT status, count(*) AS count FROM attempts GROUP BY status')).toEqual([
    { status: 'settled', count: 20 },
  ]);
});

it.each([
  ['folder', 'The data folder FOLDER cannot be written (EACCES).'],
  ['ledger.db', 'FOLDER/ledger.db cannot be written (EACCES).'],
])('refuses a read-only %s, naming it and what to do', async (what, message) => {
  const folder = temporaryFolder();
  await (await openTestStore(folder)).close();
  const path = what === 'folder' ? folder : join(folder, what);
  chmodSync(path, what === 'folder' ? 0o500 : 0o400);
  onTestFinished(() => chmodSync(path, 0o700));
  const opener = startProcess('opener', folder, '0', ...ordinaryUser(folder));
  await opener.ended;
  expect(opener.lines[0]).toBe(`refused: storage_unavailable: ${message.replace('FOLDER', folder)}`);
  expect(opener.lines[1]).toContain('--data-dir');
});

it('opens beside a lock file that somebody wrote into', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, '.open-lock'), 'garbage'.repeat(1_000));
  await bookCall(await openTestStore(folder));
  expect(statSync(join(folder, '.open-lock')).size).toBe(0);
});

/** The superuser may write everything, so another process does it as somebody else. */
function ordinaryUser(folder: string): readonly string[] {
  if (process.getuid?.() !== 0) return [];
  const nobody = 65_534;
  for (const name of ['.', ...filesOf(folder)]) chownSync(join(folder, name), nobody, nobody);
  return [String(nobody)];
}
