import { expect, it, onTestFinished, vi } from 'vitest';
import { SYSTEM_CLOCK } from '../../../src/resilience/system-clock.ts';
import { WriteQueue } from '../../../src/store/file/write-queue.ts';
import { LedgerWriter } from '../../../src/store/ledger/ledger-writer.ts';
import { SpillJournal } from '../../../src/store/ledger/spill-journal.ts';
import { attemptStart, inspect, openLedgerFile, recordingLogger, requestStart } from '../../support/store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { eventually } from '../../support/until.ts';

/** The books on a slow disk, whose next sync is over when `answer` is called. */
async function openBooks() {
  const logger = recordingLogger();
  const file = await openLedgerFile(undefined, logger, true);
  const queue = new WriteQueue(file, logger, { slowMs: -1, stuckMs: 20 });
  const folder = temporaryFolder();
  const journal = new SpillJournal(folder);
  const writer = new LedgerWriter({ file, queue, journal, folder, clock: SYSTEM_CLOCK, logger });
  const request = requestStart();
  await writer.write({ type: 'record-request', request });
  const { promise, resolve: answer } = Promise.withResolvers<void>();
  const logSync = vi.spyOn(file, 'syncLog').mockReturnValueOnce(promise);
  onTestFinished(async () => {
    answer();
    writer.stop();
    await queue.close();
  });
  return { file, logger, queue, writer, request, logSync, answer };
}

const STILL_NOT = 'the end of a call is still not booked';
const noAnswer = {
  code: 'storage_unavailable',
  message: expect.stringMatching(/^The disk that holds .* does not answer\.$/),
};

it('a disk that does not answer refuses what waits for it, and what comes later at once, until it answers', async () => {
  const { queue, logSync, answer } = await openBooks();
  const [first, second] = [queue.change(() => 1), queue.change(() => 2)];
  await expect(first).rejects.toMatchObject(noAnswer);
  await expect(second).rejects.toMatchObject(noAnswer);
  let isMade = false;
  const later = queue.change(() => (isMade = true));
  await expect(later).rejects.toMatchObject(noAnswer);
  // What nobody may rely on does not make the log grow either: to bring that into the file SQLite waits for the disk.
  expect(isMade).toBe(false);
  expect(logSync).toHaveBeenCalledOnce();
  answer();
  await eventually(() => expect(queue.change(() => 3)).resolves.toBe(3));
});

it('an attempt that a disk without an answer refused is taken back when it answers', async () => {
  const { file, logger, writer, request, answer } = await openBooks();
  await expect(writer.admit(attemptStart(request.id))).rejects.toMatchObject(noAnswer);
  const rows = () => inspect(file.path, 'SELECT status FROM attempts');
  expect(rows()).toHaveLength(1);
  await eventually(() => expect(logger.lines.map(({ message }) => message)).toContain(STILL_NOT));
  answer();
  await eventually(() => expect(rows()).toEqual([]));
});
