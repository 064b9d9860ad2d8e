import { close, fdatasync, fdatasyncSync, openSync, statSync } from 'node:fs';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { type FileIdentity, identityOf, isSameFile } from './file-identity.ts';

const LOG_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const datasync = promisify(fdatasync);

/**
 * Watches the write-ahead log of one connection for what nobody may do to it while it is open. SQLite would go on
 * writing into a log that was cut or deleted, out of its memory, and nobody would ever read that again.
 */
export class LogWatch {
  readonly #database: Database.Database;
  readonly #path: string;
  #identity: FileIdentity | undefined;
  #bytes = 0n;
  #descriptor: number | undefined;
  #syncing: Promise<void> | undefined;

  /** `database` has read from the file, so that its log is there. */
  constructor(database: Database.Database, path: string) {
    this.#database = database;
    this.#path = `${path}-wal`;
    this.#identity = identityOf(this.#path);
  }

  /** Which file it is, as far as is known: it belongs to the database of this connection alone. */
  get identity(): FileIdentity | undefined {
    return this.#identity;
  }

  /** Throws `SQLITE_CORRUPT`. Outside of transactions only. */
  assertWhole(): void {
    const stats = statSync(this.#path, { bigint: true, throwIfNoEntry: false });
    // While a connection is open SQLite deletes no log and starts no other file.
    const identity = stats && { device: stats.dev, inode: stats.ino };
    if (this.#identity && !isSameFile(this.#identity, identity)) {
      // What stood there can still be read through this connection: it belongs into the file that is set aside.
      this.#database.pragma('wal_checkpoint(PASSIVE)');
      throw damaged('deleted or replaced');
    }
    if (stats === undefined) return;
    if (stats.size < this.#bytes && this.#isCut()) throw damaged('cut');
    this.#identity = identity;
    this.#bytes = stats.size;
  }

  /**
   * Brings what was written to the disk, beside the event loop. One call at a time. SQLite has no lock on its log that
   * closing it here could free.
   */
  async sync(): Promise<void> {
    try {
      this.#syncing = datasync(this.#open());
      await this.#syncing;
    } catch (error) {
      this.close();
      throw error;
    } finally {
      this.#syncing = undefined;
    }
  }

  /** The same, and the event loop waits for it. */
  syncNow(): void {
    try {
      fdatasyncSync(this.#open());
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Once a sync that is under way is over: its number could be another file's by then. */
  close(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor !== undefined)
      void Promise.allSettled([this.#syncing]).then(() => close(descriptor, () => undefined));
  }

  #open(): number {
    this.#descriptor ??= openSync(this.#path, 'r+');
    return this.#descriptor;
  }

  /**
   * SQLite itself cuts a log too, when all of it is in the database. Asked before and after: another process may begin
   * the log anew in between.
   */
  #isCut(): boolean {
    const needed = this.#bytesNeeded();
    const bytes = statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
    return bytes < needed && needed === this.#bytesNeeded();
  }

  /** How long the log has to be for what SQLite will look for there. */
  #bytesNeeded(): number {
    const [state] = this.#database.pragma('wal_checkpoint(NOOP)') as readonly [{ readonly log: number }];
    if (state.log <= 0) return 0;
    const pageBytes = Number(this.#database.pragma('page_size', { simple: true }));
    return LOG_HEADER_BYTES + state.log * (FRAME_HEADER_BYTES + pageBytes);
  }
}

function damaged(how: string): Error {
  return new Database.SqliteError(`its write-ahead log was ${how} while it was open`, 'SQLITE_CORRUPT');
}
