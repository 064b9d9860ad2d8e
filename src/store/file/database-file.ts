import { dirname } from 'node:path';
import type Database from 'better-sqlite3';
import { type Connection, type ConnectOptions, closeConnection, connect, setAsideLoudly } from './connect.ts';
import { assertMounted, deviceAt } from './data-folder.ts';
import { identityOf, isSameFile, pathBehindLink } from './file-identity.ts';
import { LogWatch } from './log-watch.ts';
import { pause } from './pause.ts';
import { storageFaultOf, storageUnavailable } from './storage-fault.ts';

/** A read waits this long while another process recovers or closes the file. */
const READ_WAIT_MAX_MS = 2_000;

const REPLACED =
  'the database was deleted, moved or replaced while it was open: Signalbox goes on with the file that now stands there, or a new one';

/** A database that may be deleted, replaced or found damaged while it is open. */
export class DatabaseFile {
  readonly path: string;
  /** Called after the store went over to another file at the same path. */
  onReplaced: () => void = () => {};
  /** Another one for each transaction that writes: what was read in one holds until the next. */
  transaction = Symbol();
  readonly #options: ConnectOptions;
  #connection: Connection;
  #log: LogWatch;
  #device: bigint | undefined;
  #statements = new Map<string, unknown>();
  #replacing: Promise<void> | undefined;
  #judging: Promise<boolean> | undefined;
  #closed = false;

  private constructor(options: ConnectOptions, connection: Connection) {
    this.path = options.path;
    this.#options = options;
    this.#connection = connection;
    this.#log = new LogWatch(connection.database, options.path);
    this.#device = deviceAt(dirname(options.path));
  }

  static async open(asked: ConnectOptions): Promise<DatabaseFile> {
    const options = { ...asked, path: pathBehindLink(asked.path) };
    return new DatabaseFile(options, await connect(options));
  }

  get database(): Database.Database {
    return this.#connection.database;
  }

  /** The statement for this text, compiled once a connection. */
  prepare<Parameters extends unknown[] | object = [], Row = unknown>(sql: string): Database.Statement<Parameters, Row> {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement as Database.Statement<Parameters, Row>;
  }

  /**
   * True when the file at the path is no longer the one that is open: what is written now is lost. Or none is: on Windows
   * a damaged one was closed, and others keep it from being moved aside.
   */
  isReplaced(): boolean {
    return !this.database.open || this.#isElsewhere();
  }

  /** Throws `SQLITE_CORRUPT` when what is written now would stand behind a gap, or in no file. */
  assertLogWhole(): void {
    this.#log.assertWhole();
  }

  /** Has every row to outlive a power cut? Then whoever commits brings it to the disk. */
  get isKept(): boolean {
    return this.#options.isKept;
  }

  /** Brings all that is committed to the disk, beside the event loop. */
  syncLog(): Promise<void> {
    return this.#log.sync();
  }

  /** The same, and the event loop waits for it. */
  syncLogNow(): void {
    this.#log.syncNow();
  }

  /** Goes over to the file that now stands at the path, or to a new one. */
  reopen(): Promise<void> {
    return this.#goOver(this.database.open);
  }

  /**
   * Sets the file aside for the damage that `cause` reports and goes over to a new one. False when the damage is to be
   * met once more before; rejects with `storage_unavailable` when the disk cannot be read.
   */
  replaceDamaged(cause: unknown): Promise<boolean> {
    this.#judging ??= this.#replaceWhenSure(cause).finally(() => {
      this.#judging = undefined;
    });
    return this.#judging;
  }

  /** Runs a read. Waits without blocking where SQLite says busy; throws `storage_unavailable`. */
  async read<Result>(work: () => Result): Promise<Result> {
    const giveUpAtMs = performance.now() + READ_WAIT_MAX_MS;
    for (;;) {
      try {
        if (this.#closed) throw new Error('the store is closed');
        if (this.isReplaced()) await this.reopen();
        return work();
      } catch (error) {
        const fault = storageFaultOf(error);
        if (fault === undefined && !this.#closed) throw error;
        if (fault === 'damaged' && !(await this.replaceDamaged(error))) continue;
        if (fault !== 'busy' || performance.now() > giveUpAtMs) throw storageUnavailable(this.path, error);
        await pause(2, 20);
      }
    }
  }

  /** Runs reads that take their locks once, together. Nothing in `work` may wait. */
  readTogether(work: () => void): void {
    const { database } = this;
    this.prepare('BEGIN').run();
    try {
      work();
    } finally {
      if (database.inTransaction) this.prepare('COMMIT').run();
    }
  }

  close(): void {
    this.#closed = true;
    this.#statements.clear();
    this.#log.close();
    closeConnection(this.#connection);
  }

  #isElsewhere(): boolean {
    return !isSameFile(this.#connection.identity, identityOf(this.path));
  }

  /** `isSurprise`: it was not us who put another file there. */
  #goOver(isSurprise: boolean): Promise<void> {
    this.#replacing ??= this.#replace(isSurprise).finally(() => {
      this.#replacing = undefined;
    });
    return this.#replacing;
  }

  async #replaceWhenSure(cause: unknown): Promise<boolean> {
    try {
      if (!this.#replacing) {
        if (!(await this.#connection.doubt.isInFile())) return false;
        await setAsideLoudly(this.#options, this.#connection, cause);
      }
      await this.#goOver(false);
      return true;
    } catch (error) {
      throw storageUnavailable(this.path, error);
    }
  }

  async #replace(isSurprise: boolean): Promise<void> {
    const { path, damagePolicy, logger } = this.#options;
    const isElsewhere = this.#isElsewhere();
    if (isElsewhere) assertMounted(path, this.#device);
    // What can be rebuilt is nobody's loss.
    if (isSurprise && damagePolicy === 'move-aside') logger.warn({ path }, REPLACED);
    const connection = await connect(this.#options, isElsewhere ? this.#log.identity : undefined);
    if (this.#closed) return closeConnection(connection);
    const former = this.#connection;
    this.#log.close();
    this.#connection = connection;
    this.#log = new LogWatch(connection.database, path);
    this.#device = deviceAt(dirname(path));
    this.#statements.clear();
    closeConnection(former);
    this.onReplaced();
  }
}
