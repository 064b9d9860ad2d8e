import { closeSync, openSync, read } from 'node:fs';
import { promisify } from 'node:util';

const readInto = promisify(read);
/** As small as what SQLite reads: a disk that fails now and then is to fail here too. */
const CHUNK_BYTES = 16_384;
/**
 * Damage that is met again so soon was no passing trouble of the disk: all was read meanwhile, and what is small then comes
 * out of the system's memory, while of what is large a disk that fails now and then would not have given all.
 */
const MET_AGAIN_MS = 60_000;

/**
 * SQLite calls a file damaged also where its disk could not be read: inside of a statement EIO becomes
 * `SQLITE_CORRUPT`. Books that are whole must not be set aside for that.
 */
export class DamageDoubt {
  readonly #path: string;
  /** Closing it drops the locks that SQLite holds on the same file. */
  #opened: number | undefined;
  #metAtMs = -MET_AGAIN_MS;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Called for damage that SQLite reports. True when it is in the file: it was met a moment ago too, and all of the file
   * and its log can be read. Throws what the system says when they cannot.
   */
  async isInFile(): Promise<boolean> {
    const isMetAgain = performance.now() - this.#metAtMs < MET_AGAIN_MS;
    await this.#readThrough();
    this.#metAtMs = performance.now();
    return isMetAgain;
  }

  /** With the connection, or after it. */
  close(): void {
    if (this.#opened !== undefined) closeSync(this.#opened);
    this.#opened = undefined;
  }

  async #readThrough(): Promise<void> {
    this.#opened ??= openExisting(this.#path);
    if (this.#opened !== undefined) await readAll(this.#opened);
    // SQLite has no lock on its log.
    const log = openExisting(`${this.#path}-wal`);
    if (log !== undefined) await readAll(log).finally(() => closeSync(log));
  }
}

function openExisting(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

async function readAll(file: number): Promise<void> {
  const buffer = Buffer.alloc(CHUNK_BYTES);
  for (let position = 0, bytesRead = 1; bytesRead > 0; position += bytesRead) {
    ({ bytesRead } = await readInto(file, buffer, 0, buffer.length, position));
  }
}
