import type { DatabaseFile } from './database-file.ts';
import { storageUnavailable } from './storage-fault.ts';

type CommittedJob = {
  readonly canSyncLater?: boolean | undefined;
  committed(): void;
  failed(error: unknown): void;
};

type Limits = { readonly slowMs: number; readonly syncMs: number };

/**
 * Brings the commits of a file whose rows are worth keeping to its disk, and tells their jobs. A lone commit syncs
 * by itself while the disk is fast: there is little else to hold up, and another thread would take longer. After a
 * crowd's, and on a slow disk, the log is synced beside the event loop, together for all that is committed meanwhile.
 */
export class LogSync {
  readonly #file: DatabaseFile;
  readonly #limits: Limits;
  #waiting: CommittedJob[] = [];
  #isSlow = false;
  #running: Promise<void> | undefined;
  /** While a commit may not be on the disk. One that syncs may have written nothing, so it changes nothing of this. */
  #timer: NodeJS.Timeout | undefined;

  /** A disk that takes longer than `slowMs` is slow. What can be synced later is so after `syncMs`, if nothing was before. */
  constructor(file: DatabaseFile, limits: Limits) {
    this.#file = file;
    this.#limits = limits;
  }

  /** Before the transaction of a group: its commit syncs by itself, or leaves that to `tell`. */
  prepare(group: readonly CommittedJob[], isCrowd: boolean): void {
    if (!this.#file.isKept) return;
    this.#file.setSync(!isCrowd && !this.#isSlow && !group.every(({ canSyncLater }) => canSyncLater));
  }

  /** Runs the commit. */
  commit(run: () => void): void {
    const startedAtMs = performance.now();
    run();
    if (this.#file.syncs) this.#isSlow = performance.now() - startedAtMs > this.#limits.slowMs;
  }

  /** Tells the jobs of a commit that they are durable, as soon as they are. */
  tell(group: readonly CommittedJob[]): void {
    for (const job of group) {
      if (this.#file.syncs || job.canSyncLater) job.committed();
      else this.#waiting.push(job);
    }
    if (this.#waiting.length > 0) this.#running ??= this.#sync();
    else if (!this.#file.syncs) this.#timer ??= setTimeout(() => void this.#syncLater(), this.#limits.syncMs).unref();
  }

  /** Resolves when all that was committed is on the disk. */
  async close(): Promise<void> {
    await this.#running;
    if (this.#timer) await this.#syncLater();
  }

  async #sync(): Promise<void> {
    while (this.#waiting.length > 0) {
      const jobs = this.#waiting.splice(0);
      this.#timer = void clearTimeout(this.#timer);
      const startedAtMs = performance.now();
      try {
        await this.#file.syncLog();
        this.#isSlow = performance.now() - startedAtMs > this.#limits.slowMs;
        for (const job of jobs) job.committed();
      } catch (error) {
        for (const job of jobs) job.failed(storageUnavailable(this.#file.path, error));
      }
    }
    this.#running = undefined;
  }

  async #syncLater(): Promise<void> {
    this.#timer = void clearTimeout(this.#timer);
    // The next commit meets the same disk, and says what is wrong with it.
    await this.#file.syncLog().catch(() => undefined);
  }
}
