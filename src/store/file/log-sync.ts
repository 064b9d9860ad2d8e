import type { GatewayError } from '../../core/errors.ts';
import type { DatabaseFile } from './database-file.ts';
import { storageUnavailable } from './storage-fault.ts';

type CommittedJob = {
  readonly canSyncLater?: boolean | undefined;
  committed(): void;
  failed(error: unknown): void;
};

type Limits = { readonly slowMs: number; readonly syncMs: number; readonly stuckMs: number };

/**
 * Brings the commits of a file whose rows are worth keeping to its disk, and tells their jobs. For a lone commit the
 * event loop waits while the disk is fast: there is little else to hold up, and another thread would take longer. After a
 * crowd's, and on a slow disk, the log is synced beside the event loop, together for all that is committed meanwhile.
 * Who waits for a disk that does not answer is refused after a while, as where it fails.
 */
export class LogSync<Job extends CommittedJob> {
  readonly #file: DatabaseFile;
  readonly #limits: Limits;
  #waiting: Job[] = [];
  #syncing: Job[] = [];
  #isSlow = false;
  #isStuck = false;
  #running: Promise<void> | undefined;
  /** While a commit may not be on the disk. */
  #timer: NodeJS.Timeout | undefined;

  /**
   * A disk that takes longer than `slowMs` is slow, and one that has not answered after `stuckMs` does not. What can be
   * synced later is so after `syncMs`, if nothing was before.
   */
  constructor(file: DatabaseFile, limits: Limits) {
    this.#file = file;
    this.#limits = limits;
  }

  /** Why nothing should be committed now: the disk does not answer. */
  get refusal(): GatewayError | undefined {
    return this.#isStuck ? storageUnavailable(this.#file.path, new NoAnswer()) : undefined;
  }

  /** Tells the jobs of a commit that they are durable, as soon as they are. */
  tell(group: readonly Job[], isCrowd: boolean): void {
    const { isKept } = this.#file;
    for (const job of group) {
      if (!isKept || job.canSyncLater) job.committed();
      else this.#waiting.push(job);
    }
    if (this.#waiting.length === 0) {
      if (isKept) this.#timer ??= setTimeout(() => void this.syncRest(), this.#limits.syncMs).unref();
    } else if (isCrowd || this.#isSlow || this.#running) {
      // Not beside one that is under way: the system tells of a failure once, and the other would seem to have succeeded.
      this.#running ??= this.#sync();
      // What was in the queue before.
      if (this.#isStuck) this.#fail(this.#waiting, new NoAnswer());
    } else this.#syncNow();
  }

  /** The jobs that are not told yet: for when what they were committed to is no longer the file. */
  takeBack(): readonly Job[] {
    return [...this.#syncing.splice(0), ...this.#waiting.splice(0)];
  }

  /** Resolves when all that was committed is on the disk. */
  async syncRest(): Promise<void> {
    await this.#running;
    if (this.#timer) this.#running ??= this.#sync();
    await this.#running;
  }

  async #sync(): Promise<void> {
    do {
      const startedAtMs = this.#begin();
      this.#syncing = this.#waiting.splice(0);
      const patience = setTimeout(() => this.#giveUp(), this.#limits.stuckMs).unref();
      try {
        await this.#file.syncLog();
        this.#end(this.#syncing, startedAtMs);
      } catch (error) {
        this.#fail(this.#syncing, error);
      }
      clearTimeout(patience);
      this.#isStuck = false;
    } while (this.#waiting.length > 0);
    this.#running = undefined;
  }

  #syncNow(): void {
    const startedAtMs = this.#begin();
    try {
      this.#file.syncLogNow();
      this.#end(this.#waiting, startedAtMs);
    } catch (error) {
      this.#fail(this.#waiting, error);
    }
  }

  /** The sync itself cannot be ended; whatever it comes to, nobody waits for it any more. */
  #giveUp(): void {
    this.#isStuck = true;
    this.#fail(this.#syncing, new NoAnswer());
    this.#fail(this.#waiting, new NoAnswer());
  }

  #begin(): number {
    this.#timer = void clearTimeout(this.#timer);
    return performance.now();
  }

  #end(jobs: Job[], startedAtMs: number): void {
    this.#isSlow = performance.now() - startedAtMs > this.#limits.slowMs;
    for (const job of jobs.splice(0)) job.committed();
  }

  /** Where nobody waits: the next commit meets the same disk, and says what is wrong with it. */
  #fail(jobs: Job[], error: unknown): void {
    for (const job of jobs.splice(0)) job.failed(storageUnavailable(this.#file.path, error));
  }
}

/** As the system says it of a disk on the network that it gives up. */
class NoAnswer extends Error {
  override readonly message = 'a sync is not over';
  readonly code = 'ETIMEDOUT';
}
