import { join, resolve } from 'node:path';
import type { RecentTraffic } from '../core/alerts.ts';
import { closeInTurn } from '../core/close-in-turn.ts';
import type {
  CallLedger,
  Clock,
  HealthBook,
  IdempotentAnswers,
  Logger,
  ResponseCache,
  SharedStates,
} from '../core/ports.ts';
import { type CacheSettings, SqliteResponseCache } from './cache/response-cache.ts';
import { DatabaseFile } from './file/database-file.ts';
import { WriteQueue } from './file/write-queue.ts';
import { SqliteHealthBook } from './health-book.ts';
import { SqliteIdempotentAnswers } from './idempotency/idempotent-answers.ts';
import { SqliteCallLedger } from './ledger/call-ledger.ts';
import { LEDGER_MIGRATIONS } from './ledger/ledger-schema.ts';
import { LedgerUpkeep } from './ledger/ledger-upkeep.ts';
import { LedgerWriter } from './ledger/ledger-writer.ts';
import { SpillJournal } from './ledger/spill-journal.ts';
import { SqliteSharedStates } from './shared-states.ts';
import { BookedTraffic } from './traffic/traffic-figures.ts';

export type StoreOptions = {
  /** Created when missing. Many processes may share it. */
  readonly dataDir: string;
  readonly cache: CacheSettings;
  readonly clock: Clock;
  readonly logger: Logger;
};

export type Store = {
  readonly ledger: CallLedger;
  readonly cache: ResponseCache;
  readonly health: HealthBook;
  readonly states: SharedStates;
  readonly idempotency: IdempotentAnswers;
  /** For alerts. */
  readonly traffic: RecentTraffic;
  /** How many counters of limits were wrong when the books were opened; undefined when they could not be checked. */
  countersMended(): Promise<number | undefined>;
  /** Proves by a write to the disk that the books can be kept; rejects with `storage_unavailable`. */
  prove(): Promise<void>;
  /** Writes what is waiting, then closes the files. */
  close(): Promise<void>;
};

/** Opens the books, the cache and the shared health of a data folder. Throws `storage_unavailable`. */
export async function openStore({ dataDir, cache: settings, clock, logger }: StoreOptions): Promise<Store> {
  const folder = resolve(dataDir);
  const file = await DatabaseFile.open({
    path: join(folder, 'ledger.db'),
    isKept: true,
    migrations: LEDGER_MIGRATIONS,
    damagePolicy: 'move-aside',
    logger,
  });
  const queue = new WriteQueue(file, logger);
  const journal = new SpillJournal(folder);
  const writer = new LedgerWriter({ file, queue, journal, folder, clock, logger });
  const upkeep = new LedgerUpkeep({ file, queue, writer, folder, clock, logger });
  queue.onReplaced = () => writer.rewriteOpen();
  queue.onFree = () => void upkeep.run();
  writer.onLateSpill = () => void upkeep.run();
  const cache = new SqliteResponseCache({ folder, settings, clock, logger });
  await cache.open();
  const idempotency = new SqliteIdempotentAnswers({ folder, clock, logger });
  const checked = upkeep.run().then(() => upkeep.check());
  void checked.then(() => upkeep.forget());

  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    upkeep.stop();
    writer.stop();
    await closeInTurn([
      [() => cache.close(), () => idempotency.close(), () => queue.close()],
      [() => upkeep.stopped()],
      [() => journal.close()],
      [() => file.close()],
    ]);
  }
  return {
    ledger: new SqliteCallLedger(file, writer, upkeep),
    cache,
    health: new SqliteHealthBook({ file, queue, clock, logger }),
    states: new SqliteSharedStates({ file, queue, clock, logger }),
    idempotency,
    traffic: new BookedTraffic(file),
    countersMended: () => checked,
    prove: () => proveWritable(file, queue),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

/** Writes the schema's version over itself: a commit like any other that changes nothing. */
function proveWritable(file: DatabaseFile, queue: WriteQueue): Promise<void> {
  const rewrite = () => {
    const version = Number(file.database.pragma('user_version', { simple: true }));
    file.database.pragma(`user_version = ${version}`);
  };
  // While somebody holds the lock the books are kept in the journal.
  return queue.change(rewrite, () => undefined);
}
