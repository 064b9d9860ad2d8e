import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import type { Logger } from '../core/ports.ts';
import { ensureDataFolder, ensurePrivateFile } from './data-folder.ts';
import { type FileIdentity, identityOf, isSameFile } from './file-identity.ts';
import { migrate } from './migrate.ts';
import { pause } from './pause.ts';
import { createWhenMissing, type DamagePolicy, setAside } from './set-aside.ts';
import { assertWalSafe } from './sqlite-version.ts';
import { storageFaultOf, storageUnavailable } from './storage-fault.ts';

/** Setting up a new or an old file needs its lock; a holder may keep it this long. */
const SET_UP_WAIT_MAX_MS = 30_000;
/** A larger file is not checked at once (0.8 ms a megabyte); its damage is found when it is met. */
const CHECKED_BYTES_MAX = 8_000_000n;
const WAL_KEPT_BYTES = 8_000_000;
const DAMAGED_FILES_MAX = 3;

export type ConnectOptions = {
  readonly path: string;
  readonly synchronous: 'FULL' | 'NORMAL';
  readonly migrations: readonly string[];
  readonly damagePolicy: DamagePolicy;
  readonly logger: Logger;
};

export type Connection = { readonly database: Database.Database; readonly identity: FileIdentity };

/**
 * Opens a database that several processes share: creates it, waits for whoever sets it up, sets it
 * aside when it is damaged. Never blocks the event loop on a lock. Throws `storage_unavailable`.
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const { path, damagePolicy, logger } = options;
  const giveUpAtMs = performance.now() + SET_UP_WAIT_MAX_MS;
  let damagedFiles = 0;
  for (;;) {
    ensureDataFolder(dirname(path));
    const orphan = await createWhenMissing(path, damagePolicy);
    if (orphan) logger.warn({ path, movedTo: orphan }, 'the log of a deleted database was moved aside');
    const identity = identityOf(path);
    if (!identity) continue;
    let database: Database.Database | undefined;
    try {
      ensurePrivateFile(path);
      database = new Database(path, { timeout: 0, fileMustExist: true });
      setUp(database, options, identity);
      if (isSameFile(identity, identityOf(path))) return { database, identity };
    } catch (error) {
      const fault = storageFaultOf(error);
      if (fault === 'busy' && performance.now() < giveUpAtMs) {
        await pause(2, 20);
      } else if (fault === 'damaged' && damagedFiles < DAMAGED_FILES_MAX) {
        damagedFiles += 1;
        await setAsideLoudly(options, identity, error);
      } else {
        database?.close();
        throw storageUnavailable(path, error);
      }
    }
    // Only now: closing a file that still stands at its path would fold its log into it.
    database?.close();
  }
}

/** Sets the damaged file aside and says so. */
export async function setAsideLoudly(
  { path, damagePolicy, logger }: ConnectOptions,
  damaged: FileIdentity,
  cause: unknown,
): Promise<void> {
  const movedTo = await setAside(path, damaged, damagePolicy);
  if (movedTo) {
    logger.error(
      { path, movedTo, error: cause },
      'the database was damaged: it was moved aside and a new one is started; keep the old file if you need its rows',
    );
  } else if (damagePolicy === 'delete') {
    logger.warn({ path, error: cause }, 'the database was damaged and is rebuilt');
  }
}

function setUp(database: Database.Database, options: ConnectOptions, identity: FileIdentity): void {
  const { path, logger } = options;
  assertWalSafe(String(database.prepare('SELECT sqlite_version()').pluck().get()));
  const mode = database.pragma('journal_mode = WAL', { simple: true });
  if (mode !== 'wal') throw new Error(`its disk does not allow a shared write-ahead log (${mode})`);
  database.pragma(`synchronous = ${options.synchronous}`);
  database.pragma(`journal_size_limit = ${WAL_KEPT_BYTES}`);
  if (identity.bytes <= CHECKED_BYTES_MAX) assertSound(database);
  if (migrate(database, path, options.migrations)) {
    logger.info({ path, schema: options.migrations.length }, 'database schema set up');
  }
}

function assertSound(database: Database.Database): void {
  const finding = database.pragma('quick_check(1)', { simple: true });
  if (finding !== 'ok') throw new Database.SqliteError(`quick_check: ${finding}`, 'SQLITE_CORRUPT');
}
