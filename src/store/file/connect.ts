import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import type { Logger } from '../../core/ports.ts';
import { DamageDoubt } from './damage-doubt.ts';
import { ensureDataFolder, ensurePrivateFile } from './data-folder.ts';
import { type FileIdentity, identityOf, isSameFile } from './file-identity.ts';
import { migrate, missingPart, schemaVersion } from './migrate.ts';
import { pause } from './pause.ts';
import { createWhenMissing, type DamagePolicy, setAside } from './set-aside.ts';
import { assertWalSafe } from './sqlite-version.ts';
import { storageFaultOf, storageUnavailable } from './storage-fault.ts';

/** Setting up a new or an old file needs its lock; a holder may keep it this long. */
const SET_UP_WAIT_MAX_MS = 30_000;
/** A larger file is not checked at once (0.8 ms a megabyte); its damage is found when it is met. */
const CHECKED_BYTES_MAX = 8_000_000;
const WAL_KEPT_BYTES = 8_000_000;
const UNUSABLE_FILES_MAX = 3;

export type ConnectOptions = {
  readonly path: string;
  /** Is what is committed worth keeping in a power cut? */
  readonly isKept: boolean;
  readonly migrations: readonly string[];
  readonly damagePolicy: DamagePolicy;
  readonly logger: Logger;
};

export type Connection = {
  readonly database: Database.Database;
  readonly identity: FileIdentity;
  readonly doubt: DamageDoubt;
};

/**
 * Opens a database that several processes share: creates it, waits for whoever sets it up, sets it
 * aside when it is damaged. Never blocks the event loop on a lock. Throws `storage_unavailable`.
 * `formerLog`: the log of a file that stood at the path before.
 */
export async function connect(options: ConnectOptions, formerLog?: FileIdentity): Promise<Connection> {
  const { path, damagePolicy, logger } = options;
  const giveUpAtMs = performance.now() + SET_UP_WAIT_MAX_MS;
  for (let unusable = 0; unusable <= UNUSABLE_FILES_MAX; ) {
    ensureDataFolder(dirname(path));
    const doubt = new DamageDoubt(path);
    let identity: FileIdentity | undefined;
    let database: Database.Database | undefined;
    try {
      const orphan = await createWhenMissing(path, damagePolicy, formerLog);
      if (orphan) logger.warn({ path, movedTo: orphan }, 'the log of a deleted or replaced database was moved aside');
      identity = identityOf(path);
      ensurePrivateFile(path);
      database = new Database(path, { timeout: 0, fileMustExist: true });
      await setUpDoubting(database, options, doubt);
      if (identity && isSameFile(identity, identityOf(path))) return { database, identity, doubt };
      // Deleted or moved while it was opened.
      unusable += 1;
    } catch (error) {
      const fault = storageFaultOf(error);
      if (fault === 'busy' && performance.now() < giveUpAtMs) {
        await pause(2, 20);
      } else if (fault === 'damaged' && identity) {
        unusable += 1;
        await setAsideLoudly(options, { database, identity }, error);
      } else {
        closeConnection({ database, doubt });
        throw storageUnavailable(path, error);
      }
    }
    closeConnection({ database, doubt });
  }
  throw storageUnavailable(path, new Error('whatever file stands there is damaged or vanishes'));
}

/** Its database first: the other drops the locks of it. */
export function closeConnection({
  database,
  doubt,
}: Pick<Connection, 'doubt'> & { database?: Database.Database | undefined }): void {
  database?.close();
  doubt.close();
}

/** Throws damage only when it is in the file. The second look is through the same connection: closing it folds the log in. */
async function setUpDoubting(database: Database.Database, options: ConnectOptions, doubt: DamageDoubt): Promise<void> {
  try {
    setUp(database, options);
  } catch (error) {
    if (storageFaultOf(error) !== 'damaged' || (await doubt.isInFile())) throw error;
    await setUpDoubting(database, options, doubt);
  }
}

/**
 * Sets the damaged file aside and says so. Its connection is closed by the caller afterwards:
 * closing the last one while the file still stands at its path would fold its log into it.
 */
export async function setAsideLoudly(
  { path, damagePolicy, logger }: ConnectOptions,
  damaged: { readonly database: Database.Database | undefined; readonly identity: FileIdentity },
  cause: unknown,
): Promise<void> {
  // Windows renames no open file.
  if (process.platform === 'win32') damaged.database?.close();
  const movedTo = await setAside(path, damaged.identity, damagePolicy);
  if (movedTo) {
    logger.error(
      { path, movedTo, error: cause },
      'the database was damaged: it was moved aside and a new one is started; keep the old file if you need its rows',
    );
  } else if (damagePolicy === 'delete') {
    logger.warn({ path, error: cause }, 'the database was damaged and is rebuilt');
  }
}

function setUp(database: Database.Database, { path, migrations, logger }: ConnectOptions): void {
  // First: a newer one may have what this SQLite cannot read, which is no damage.
  schemaVersion(database, path, migrations);
  assertWalSafe(String(database.prepare('SELECT sqlite_version()').pluck().get()));
  // SQLite itself waits for the disk at checkpoints alone; whoever writes what is worth keeping waits for it too.
  database.pragma('synchronous = NORMAL');
  if (statSync(path).size === 0) database.pragma('journal_mode = MEMORY');
  const mode = database.pragma('journal_mode = WAL', { simple: true });
  if (mode !== 'wal') throw new Error(`its disk does not allow a shared write-ahead log (${mode})`);
  database.pragma(`journal_size_limit = ${WAL_KEPT_BYTES}`);
  if (statSync(path).size <= CHECKED_BYTES_MAX) assertSound(database);
  if (migrate(database, path, migrations)) {
    logger.info({ path, schema: migrations.length }, 'database schema set up');
  }
  assertComplete(database, migrations);
}

function assertSound(database: Database.Database): void {
  const finding = database.pragma('quick_check(1)', { simple: true });
  if (finding !== 'ok') throw new Database.SqliteError(`quick_check: ${finding}`, 'SQLITE_CORRUPT');
}

/** Sound as a file, but somebody has taken parts of the schema away. */
function assertComplete(database: Database.Database, migrations: readonly string[]): void {
  const part = missingPart(database, migrations);
  if (part !== undefined) throw new Database.SqliteError(`it has no ${part}`, 'SQLITE_CORRUPT');
}
