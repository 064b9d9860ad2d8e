import { GatewayError } from '../core/errors.ts';
import { type JsonObject, parseJsonObject } from '../core/json/json.ts';
import type { Clock, Logger, SharedStates } from '../core/ports.ts';
import type { DatabaseFile } from './file/database-file.ts';
import type { WriteQueue } from './file/write-queue.ts';
import type { StoreParts } from './store-parts.ts';

type Change = Parameters<SharedStates['update']>[1];
type Known = { readonly version: number; readonly state: JsonObject | undefined };

/** States in the ledger's file. A change is made under the write lock, so none of another process is lost. */
export class SqliteSharedStates implements SharedStates {
  readonly #file: DatabaseFile;
  readonly #queue: WriteQueue;
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** As last read or written, by name: parsed again only when its version is another. */
  readonly #known = new Map<string, Known>();
  #failed = false;

  constructor({ file, queue, clock, logger }: StoreParts) {
    this.#file = file;
    this.#queue = queue;
    this.#clock = clock;
    this.#logger = logger;
  }

  read(name: string): JsonObject | undefined {
    try {
      const known = this.#load(name);
      this.#known.set(name, known);
      return known.state;
    } catch (error) {
      this.#warn({ error }, FAILED);
      return this.#known.get(name)?.state;
    }
  }

  update(name: string, change: Change): Promise<boolean> {
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    let written: Known | undefined;
    this.#queue.submit({
      run: () => {
        const { version, state } = this.#load(name);
        written = { version: version + 1, state: change(state) };
        const row = { name, version: written.version, state: JSON.stringify(written.state) };
        this.#file.prepare<object>(WRITE).run({ ...row, changedAtMs: this.#clock.nowMs() });
      },
      committed: () => {
        if (written) this.#known.set(name, written);
        if (this.#failed) this.#logger.info({ path: this.#file.path }, 'what processes share is written again');
        this.#failed = false;
        resolve(true);
      },
      blocked: () => {
        this.#warn({ path: this.#file.path }, LOCKED);
        return false;
      },
      failed: (error) => {
        if (!(error instanceof GatewayError) || error.code !== 'storage_unavailable') return reject(error);
        this.#warn({ error }, FAILED);
        resolve(false);
      },
    });
    return promise;
  }

  /** Remembers nothing: inside a commit that fails, what an earlier change wrote was never there. */
  #load(name: string): Known {
    const known = this.#known.get(name);
    const version = this.#file.prepare<[string], { version: number }>(READ_VERSION).get(name)?.version ?? 0;
    if (known?.version === version) return known;
    const row = this.#file.prepare<[string], { version: number; state: string }>(READ).get(name);
    return { version: row?.version ?? 0, state: row && parseJsonObject(row.state) };
  }

  /** Once until something is written again. */
  #warn(fields: object, message: string): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#logger.warn(fields, message);
  }
}

const FAILED = 'what processes share cannot be read or written; this one goes on with what it knows';
const LOCKED =
  'another process holds the database lock, so limits of tokens and what else processes share count in each alone: find and close it';

const READ_VERSION = 'SELECT version FROM shared_states WHERE name = ?';
const READ = 'SELECT version, state FROM shared_states WHERE name = ?';
const WRITE = `
  INSERT INTO shared_states (name, version, state, changed_at_ms) VALUES (@name, @version, @state, @changedAtMs)
  ON CONFLICT (name) DO UPDATE SET version = excluded.version, state = excluded.state, changed_at_ms = excluded.changed_at_ms`;
