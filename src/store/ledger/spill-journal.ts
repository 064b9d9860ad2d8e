import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type FileIdentity, identityOf, isSameFile } from '../file/file-identity.ts';

type Line = { readonly text: string; readonly resolve: () => void; readonly reject: (error: unknown) => void };
type Journal = {
  readonly path: string;
  readonly handle: FileHandle;
  readonly identity: FileIdentity | undefined;
  bytes: number;
};

/**
 * Lines that could not go into the database, durable in a file of this process until somebody
 * merges them. Any process may take the file at any time by renaming it: a line counts as written
 * only when its file still had its name after the sync, else it is written again to a new one.
 */
export class SpillJournal {
  readonly #folder: string;
  #waiting: Line[] = [];
  #writing: Promise<void> | undefined;
  #journal: Journal | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Resolves when the line is durable; rejects with the error of the file system. */
  append(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ text, resolve, reject });
      this.#writing ??= this.#write();
    });
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#journal?.handle.close();
    this.#journal = undefined;
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = this.#waiting.splice(0);
      const bytes = Buffer.from(lines.map(({ text }) => `${text}\n`).join(''));
      try {
        while (!(await this.#writeOnce(bytes)));
        for (const line of lines) line.resolve();
      } catch (error) {
        for (const line of lines) line.reject(error);
      }
    }
    this.#writing = undefined;
  }

  /** False when somebody took the file meanwhile. */
  async #writeOnce(bytes: Buffer): Promise<boolean> {
    this.#journal ??= await createJournal(this.#folder);
    const journal = this.#journal;
    try {
      await writeAt(journal, bytes);
      await journal.handle.datasync();
    } catch (error) {
      // The rest of a line that did not fit would glue to the next one.
      await journal.handle.truncate(journal.bytes).catch(() => this.#leave(journal));
      throw error;
    }
    journal.bytes += bytes.length;
    if (journal.identity && isSameFile(journal.identity, identityOf(journal.path))) return true;
    await this.#leave(journal);
    return false;
  }

  async #leave(journal: Journal): Promise<void> {
    this.#journal = undefined;
    await journal.handle.close();
  }
}

async function createJournal(folder: string): Promise<Journal> {
  const path = join(folder, `spill-${process.pid}-${randomUUID()}.jsonl`);
  const handle = await open(path, 'wx', 0o600);
  try {
    // By its name, as later: libuv before 1.51 names another device by the handle on Windows. Undefined when it is taken already.
    const identity = identityOf(path);
    await syncFolder(folder);
    return { path, handle, identity, bytes: 0 };
  } catch (error) {
    // The next line tries another one: neither the handle nor an empty file is left behind.
    await Promise.allSettled([handle.close(), rm(path, { force: true })]);
    throw error;
  }
}

async function writeAt({ handle, bytes: position }: Journal, bytes: Buffer): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    written += (await handle.write(bytes, written, bytes.length - written, position + written)).bytesWritten;
  }
}

/** The name of a new file is durable only after this. Windows has no such call and needs none. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
