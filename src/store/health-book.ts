import { ERROR_CODES, errorPolicy } from '../core/error-codes.ts';
import { GatewayError } from '../core/errors.ts';
import {
  asOfNow,
  CLOCK_STEP_MS,
  type HealthSnapshot,
  type HealthTarget,
  type OutcomeWindow,
  type TargetHealth,
} from '../core/health.ts';
import { isJsonObject, parseJsonObject } from '../core/json/json.ts';
import type { Clock, HealthBook, Logger } from '../core/ports.ts';
import type { DatabaseFile } from './file/database-file.ts';
import type { WriteQueue } from './file/write-queue.ts';
import type { StoreParts } from './store-parts.ts';

type Change = Parameters<HealthBook['update']>[2];
/** What this process knows better than the database. */
type Ahead = {
  readonly target: HealthTarget;
  health: TargetHealth | undefined;
  /** Changes that still wait for the lock; with none, the rest could not be written. */
  waiting: number;
  sinceMs: number;
};

/** Changes that wait for the lock; a change beyond that is kept in memory only. */
const DEFERRED_MAX = 1_000;
/** Knowledge that could not be written counts this long, since other processes go on without it. */
const AHEAD_KEPT_MS = 60_000;
/** What other processes changed is seen this late at most. */
const FRESH_MS = 10;

/** Health of targets in the ledger's file; a change that cannot be written now counts in this process at once. */
export class SqliteHealthBook implements HealthBook {
  readonly #file: DatabaseFile;
  readonly #queue: WriteQueue;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #ahead = new Map<string, Ahead>();
  #lastRows: HealthSnapshot = [];
  /** The rows were read a moment ago, and this process has changed none since. */
  #areFresh = false;
  #failed = false;

  constructor({ file, queue, clock, logger }: StoreParts) {
    this.#file = file;
    this.#queue = queue;
    this.#clock = clock;
    this.#logger = logger;
  }

  snapshot(): HealthSnapshot {
    const rows = this.#rows();
    if (this.#ahead.size === 0) return rows;
    const oldestMs = performance.now() - AHEAD_KEPT_MS;
    for (const [id, { waiting, sinceMs }] of this.#ahead) {
      if (waiting === 0 && sinceMs < oldestMs) this.#ahead.delete(id);
    }
    const others = rows.filter(({ target }) => !this.#ahead.has(idOf(target)));
    return [...others, ...[...this.#ahead.values()].flatMap(({ health }) => health ?? [])];
  }

  update(target: HealthTarget, windowFromMs: number, change: Change): Promise<TargetHealth | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<TargetHealth | undefined>();
    let stored: TargetHealth | undefined;
    let waitsAhead: Ahead | undefined;
    this.#queue.submit({
      run: () => {
        stored = change(this.#read(target), this.#readWindow(target, windowFromMs));
        writeHealth(this.#file, target, stored);
      },
      committed: () => {
        this.#areFresh = false;
        if (!waitsAhead || --waitsAhead.waiting === 0) this.#ahead.delete(idOf(target));
        this.#failed = false;
        resolve(stored);
      },
      failed: (error) => {
        this.#warn(error);
        if (waitsAhead) {
          waitsAhead.waiting -= 1;
        } else if (error instanceof GatewayError && error.code === 'storage_unavailable') {
          resolve(this.#changeInMemory(target, windowFromMs, change).health);
        } else {
          reject(error);
        }
      },
      blocked: () => {
        if (waitsAhead) return false;
        const ahead = this.#changeInMemory(target, windowFromMs, change);
        resolve(ahead.health);
        if (this.#deferred() >= DEFERRED_MAX) return true;
        ahead.waiting += 1;
        waitsAhead = ahead;
        return false;
      },
    });
    return promise;
  }

  #deferred(): number {
    return [...this.#ahead.values()].reduce((sum, { waiting }) => sum + waiting, 0);
  }

  #read(target: HealthTarget): TargetHealth | undefined {
    const row = this.#file.prepare<HealthTarget, { state: string }>(READ_ONE).get(target);
    return row && parseHealth(row.state, this.#clock.nowMs());
  }

  #changeInMemory(target: HealthTarget, windowFromMs: number, change: Change): Ahead {
    const id = idOf(target);
    const stored = this.#rows().find((row) => idOf(row.target) === id);
    const ahead = this.#ahead.get(id) ?? { target, health: stored, waiting: 0, sinceMs: 0 };
    ahead.health = change(ahead.health, this.#windowOrNone(target, windowFromMs));
    ahead.sinceMs = performance.now();
    this.#ahead.set(id, ahead);
    return ahead;
  }

  /**
   * The rows as they are, or as they were when they cannot be read: a call does not fail for that. A call
   * asks several times, and so do others at the same time: they share what was read.
   */
  #rows(): HealthSnapshot {
    if (this.#areFresh) return this.#lastRows;
    const nowMs = this.#clock.nowMs();
    try {
      this.#lastRows = this.#file
        .prepare<[], { state: string }>(READ_ALL)
        .all()
        .flatMap(({ state }) => parseHealth(state, nowMs) ?? []);
      this.#areFresh = true;
      setTimeout(this.#momentIsOver, FRESH_MS).unref();
    } catch (error) {
      this.#warn(error);
    }
    return this.#lastRows;
  }

  readonly #momentIsOver = (): void => {
    this.#areFresh = false;
  };

  #readWindow(target: HealthTarget, windowFromMs: number): OutcomeWindow {
    return readWindow(this.#file, target, { windowFromMs, windowToMs: this.#clock.nowMs() + CLOCK_STEP_MS });
  }

  #windowOrNone(target: HealthTarget, windowFromMs: number): OutcomeWindow {
    try {
      return this.#readWindow(target, windowFromMs);
    } catch {
      return { total: 0, failures: 0 };
    }
  }

  #warn(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#logger.warn({ error }, 'shared health cannot be read or written; this process goes on with what it knows');
  }
}

const READ_ALL = 'SELECT state FROM health';
const READ_ONE = 'SELECT state FROM health WHERE provider = @provider AND key = @key AND model = @model';
const DELETE_ONE = 'DELETE FROM health WHERE provider = @provider AND key = @key AND model = @model';
const WRITE_ONE = `
  INSERT INTO health (provider, key, model, state) VALUES (@provider, @key, @model, @state)
  ON CONFLICT (provider, key, model) DO UPDATE SET state = excluded.state`;

function writeHealth(file: DatabaseFile, target: HealthTarget, health: TargetHealth | undefined): void {
  if (health === undefined) file.prepare<HealthTarget>(DELETE_ONE).run(target);
  else file.prepare<object>(WRITE_ONE).run({ ...target, state: JSON.stringify(health) });
}

const COUNTED_ERRORS = JSON.stringify(ERROR_CODES.filter((code) => errorPolicy(code).breaker === 'count'));

// Books name the key alone, health its fingerprint too: see `keyHealthId`. What ended later than now did so before the clock was
// put back: it is none of the window.
const READ_WINDOW = `
  SELECT count(*) AS total, coalesce(sum(error IN (SELECT value FROM json_each(@counted))), 0) AS failures
  FROM attempts
  WHERE provider = @provider AND ended_at_ms BETWEEN @windowFromMs AND @windowToMs AND status <> 'cancelled'
    AND (@key = '*' OR key IN (@key, @keyName)) AND (@model = '*' OR model IN (@model, @provider || '/' || @model))`;

/** Both inclusive; wall clock. */
type WindowSpan = { readonly windowFromMs: number; readonly windowToMs: number };

function readWindow(file: DatabaseFile, target: HealthTarget, span: WindowSpan): OutcomeWindow {
  const keyName = target.key.slice(0, Math.max(0, target.key.lastIndexOf('@')));
  const row = { ...target, ...span, keyName, counted: COUNTED_ERRORS };
  return file.prepare<object, OutcomeWindow>(READ_WINDOW).get(row) ?? { total: 0, failures: 0 };
}

/** Undefined for a row that somebody damaged by hand: its target counts as well until it fails. */
function parseHealth(state: string, nowMs: number): TargetHealth | undefined {
  const health = parseJsonObject(state);
  const { target, breaker } = health ?? {};
  if (!isJsonObject(target) || !isJsonObject(breaker)) return undefined;
  const isNamed = [target.provider, target.key, target.model].every((name) => typeof name === 'string');
  return isNamed ? asOfNow(health as unknown as TargetHealth, nowMs) : undefined;
}

function idOf({ provider, key, model }: HealthTarget): string {
  return JSON.stringify([provider, key, model]);
}
