import { toGatewayError } from '../../core/errors.ts';
import type { Logger } from '../../core/ports.ts';
import type { DatabaseFile } from './database-file.ts';
import { createLogKeeper } from './log-size.ts';
import { LogSync } from './log-sync.ts';
import { type StorageFault, storageFaultOf, storageUnavailable } from './storage-fault.ts';

/** Jobs of one commit: enough to share its sync, few enough not to hold the event loop. */
const GROUP_MAX = 200;
/** So many jobs in one commit are several requests at once. */
const CROWD_JOBS = 5;
/** How long the next commit then waits for company: its sync costs more than the rows it carries, and waiting longer gains nothing. */
const GATHER_MS = 1;
/**
 * A lock that another process holds longer than `patienceMs` is worked around, then complained of. What can wait is
 * held back for `companyMs`, for a commit that others need: alone it would cost a sync of its own. What can be
 * synced later is so with the next commit that writes and syncs, or else after `syncMs`. A disk that takes longer than
 * `slowMs` is waited for beside the event loop, and for `stuckMs` at most.
 */
const LIMITS = { patienceMs: 500, alarmMs: 30_000, companyMs: 5, syncMs: 100, slowMs: 1, stuckMs: 10_000 } as const;
type Limits = { readonly [Name in keyof typeof LIMITS]: number };
const REPLACED_IN_A_ROW_MAX = 3;

/** One change of the database. */
export type WriteJob = {
  /** Runs inside the transaction, without waiting for anything; runs again when the commit fails. */
  run(): void;
  /** The change is durable. */
  committed(): void;
  /** It is not, and will not be: a `GatewayError`. */
  failed(error: unknown): void;
  /**
   * Another process holds the lock for long. True when the job has found another way and leaves the
   * queue; a job that stays, or has no way, waits for the lock.
   */
  blocked?: (() => boolean) | undefined;
  /** Nobody waits for it: a moment later is as good. */
  readonly canWait?: boolean | undefined;
  /** It is committed as soon as any, and on the disk a moment later: until then only a power cut undoes it. */
  readonly canSyncLater?: boolean | undefined;
};

type Commit =
  | { readonly type: 'committed' }
  | { readonly type: 'replaced' }
  | { readonly type: 'fault'; readonly fault: StorageFault; readonly error: unknown }
  | { readonly type: 'defect'; readonly job: WriteJob | undefined; readonly error: unknown };

/**
 * All writes of one file, in order: whatever waits goes into one `BEGIN IMMEDIATE` commit. The
 * event loop never waits for a lock; a lock that another process holds is asked for again and again.
 */
export class WriteQueue {
  /** Commits succeed again after jobs were turned away. */
  onFree: () => void = () => {};
  /** The file is another one. */
  onReplaced: () => void = () => {};
  readonly #file: DatabaseFile;
  readonly #logger: Logger;
  readonly #keepLogSmall: () => void;
  readonly #limits: Limits;
  readonly #sync: LogSync<WriteJob>;
  #jobs: WriteJob[] = [];
  #busySinceMs: number | undefined;
  #turnedAway = false;
  #hasTurnedAway = false;
  #alarmed = false;
  #replacedInARow = 0;
  #closed = false;
  #draining: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Ends a wait for company. */
  #hurry: (() => void) | undefined;

  constructor(file: DatabaseFile, logger: Logger, limits: Partial<Limits> = {}) {
    this.#file = file;
    this.#logger = logger;
    this.#keepLogSmall = createLogKeeper(file, logger);
    this.#limits = { ...LIMITS, ...limits };
    this.#sync = new LogSync(file, this.#limits);
    file.onReplaced = () => {
      this.#redo();
      this.onReplaced();
    };
  }

  /** Another process has been holding the lock for long. */
  get isBlocked(): boolean {
    return this.#turnedAway;
  }

  submit(job: WriteJob): void {
    const { refusal } = this.#sync;
    if (this.#closed || refusal) {
      job.failed(refusal ?? storageUnavailable(this.#file.path, new Error('the store is closed')));
    } else if (!this.#turnedAway || !job.blocked?.()) {
      this.#jobs.push(job);
      this.#timer?.ref();
      if (!job.canWait || this.#jobs.length >= GROUP_MAX) this.#hurry?.();
      this.#draining ??= this.#drain();
    }
  }

  /**
   * What a change comes to, once it is durable; rejects with a `GatewayError` when it could not be made. `orElse`: what it
   * comes to instead while another process holds the lock for long; without it the change waits.
   */
  change<Result>(run: () => Result, orElse?: () => Result | Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      let result: Result;
      const goWithout =
        orElse &&
        (() => {
          resolve(orElse());
          return true;
        });
      this.submit({
        run() {
          result = run();
        },
        committed: () => resolve(result),
        failed: reject,
        blocked: goWithout,
      });
    });
  }

  /** Resolves when what was submitted so far is committed, so that it can be read, or failed, or has left the queue. */
  async flush(): Promise<void> {
    if (this.#jobs.length === 0) return;
    await new Promise<void>((resolve) => {
      const blocked = () => {
        resolve();
        return true;
      };
      this.submit({ run: () => {}, committed: resolve, failed: resolve, blocked, canSyncLater: true });
    });
  }

  /** Waits for a lock no longer than a write does: what is left then fails. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.ref();
    this.#hurry?.();
    await this.#draining;
    await this.#sync.syncRest();
    const error = storageUnavailable(this.#file.path, new Error('the store was closed while it was locked'));
    for (const job of this.#jobs.splice(0)) job.failed(error);
  }

  async #drain(): Promise<void> {
    while (this.#jobs.length > 0 || this.#turnedAway) {
      if (this.#canWait()) await this.#company();
      // Everything that is submitted in the same turn of the event loop shares a commit.
      await immediate();
      const group = this.#jobs.slice(0, GROUP_MAX);
      await this.#settle(group, this.#commit(group));
      if (this.#closed && this.#turnedAway) break;
    }
    this.#draining = undefined;
  }

  #canWait(): boolean {
    const { length } = this.#jobs;
    return !this.#closed && length > 0 && length < GROUP_MAX && this.#jobs.every(({ canWait }) => canWait);
  }

  #company(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#hurry?.(), this.#limits.companyMs);
      this.#hurry = () => {
        clearTimeout(timer);
        this.#hurry = undefined;
        resolve();
      };
    });
  }

  #commit(group: readonly WriteJob[]): Commit {
    const { database } = this.#file;
    let running: WriteJob | undefined;
    try {
      this.#file.assertLogWhole();
      this.#file.prepare('BEGIN IMMEDIATE').run();
      this.#file.transaction = Symbol();
      for (running of group) running.run();
      running = undefined;
      this.#file.prepare('COMMIT').run();
      // Checked after the commit: what went into a file that was deleted meanwhile is not durable.
      return { type: this.#file.isReplaced() ? 'replaced' : 'committed' };
    } catch (error) {
      if (database.inTransaction) database.exec('ROLLBACK');
      const fault = storageFaultOf(error);
      if (fault === 'busy') return { type: 'fault', fault, error };
      if (this.#file.isReplaced()) return { type: 'replaced' };
      return fault ? { type: 'fault', fault, error } : { type: 'defect', job: running, error };
    }
  }

  async #settle(group: readonly WriteJob[], commit: Commit): Promise<void> {
    switch (commit.type) {
      case 'committed':
        this.#jobs.splice(0, group.length);
        this.#sync.tell(group, group.length >= CROWD_JOBS);
        this.#lockIsFree();
        this.#keepLogSmall();
        // Under load a commit is shared by all that come meanwhile; alone, nobody waits for others.
        return group.length < CROWD_JOBS ? undefined : this.#pause(GATHER_MS, GATHER_MS);
      case 'replaced':
        this.#replacedInARow += 1;
        return this.#recover(group, () => {
          if (this.#replacedInARow > REPLACED_IN_A_ROW_MAX) throw new Error('another file keeps taking its place');
          return this.#file.reopen();
        });
      case 'defect':
        // The job alone is at fault: the others go again without it.
        return this.#fail(commit.job ? [commit.job] : group, toGatewayError(commit.error));
      case 'fault':
        if (commit.fault === 'busy') return this.#waitForLock();
        if (commit.fault === 'damaged') return this.#recover(group, () => this.#file.replaceDamaged(commit.error));
        return this.#fail(group, storageUnavailable(this.#file.path, commit.error));
      default:
        commit satisfies never;
    }
  }

  /** What was committed to the former file, and is not durable yet, goes again. */
  #redo(): void {
    this.#jobs.unshift(...this.#sync.takeBack());
    if (this.#jobs.length > 0 && !this.#closed) this.#draining ??= this.#drain();
  }

  async #recover(group: readonly WriteJob[], work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#fail(group, storageUnavailable(this.#file.path, error));
    }
  }

  #fail(jobs: readonly WriteJob[], error: unknown): void {
    const failed = new Set(jobs);
    this.#jobs = this.#jobs.filter((job) => !failed.has(job));
    for (const job of failed) job.failed(error);
    // Who comes next asks anew whether the file is there again.
    this.#replacedInARow = 0;
    // A broken disk does not hold the lock: what was turned away may try its luck.
    this.#busySinceMs = undefined;
    this.#turnedAway = false;
  }

  async #waitForLock(): Promise<void> {
    const nowMs = performance.now();
    this.#busySinceMs ??= nowMs;
    const heldMs = nowMs - this.#busySinceMs;
    if (heldMs > this.#limits.patienceMs) {
      this.#turnedAway = true;
      this.#hasTurnedAway = true;
      this.#jobs = this.#jobs.filter((job) => !job.blocked?.());
    }
    if (heldMs > this.#limits.alarmMs && !this.#alarmed) {
      this.#alarmed = true;
      this.#logger.warn(
        { path: this.#file.path, heldMs: Math.round(heldMs) },
        'another process holds the database lock for long: find and close it',
      );
    }
    await this.#pause(this.#turnedAway ? 30 : 1, this.#turnedAway ? 60 : 6);
  }

  #lockIsFree(): void {
    this.#busySinceMs = undefined;
    this.#turnedAway = false;
    this.#alarmed = false;
    this.#replacedInARow = 0;
    if (!this.#hasTurnedAway) return;
    this.#hasTurnedAway = false;
    this.onFree();
  }

  /** With no job left, as when the lock turned all away, nobody waits for it: it does not keep the process alive. */
  #pause(fromMs: number, toMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#timer = setTimeout(resolve, fromMs + Math.random() * (toMs - fromMs));
      if (this.#jobs.length === 0 && !this.#closed) this.#timer.unref();
    });
  }
}

function immediate(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
