import type { Clock, Logger } from '../../core/ports.ts';
import type { DatabaseFile } from '../file/database-file.ts';
import { pause } from '../file/pause.ts';
import type { WriteQueue } from '../file/write-queue.ts';
import { checkCounters } from '../quotas/quota-check.ts';
import { forgetTraffic } from '../quotas/quota-forget.ts';
import { forgetLooseEnds } from './forget-loose-ends.ts';
import { giveUpOverdueRows, hasOverdueRows } from './give-up-rows.ts';
import type { LedgerWriter } from './ledger-writer.ts';
import { hasSpills, mergeSpills } from './merge-spills.ts';

const EVERY_MS = 3_600_000;
/** So soon after its time an attempt of a dead process counts as unknown; finding none costs two look-ups. */
const GIVE_UP_EVERY_MS = 15_000;
/** A report waits this long for a large journal; not at all once a lock holds the merge up. */
const REPORT_WAIT_MAX_MS = 10_000;

type LedgerUpkeepParts = {
  readonly file: DatabaseFile;
  readonly queue: WriteQueue;
  readonly writer: LedgerWriter;
  readonly folder: string;
  readonly clock: Clock;
  readonly logger: Logger;
};

/**
 * Brings the books up to date with processes that died: merges their journals, then closes rows
 * that nobody will close. At the start, hourly, before reports, and when a long lock is over.
 */
export class LedgerUpkeep {
  readonly #parts: LedgerUpkeepParts;
  readonly #timers: readonly NodeJS.Timeout[];
  #running: Promise<void> | undefined;
  #checking: Promise<unknown> | undefined;
  #again = false;
  readonly #ending = new AbortController();

  constructor(parts: LedgerUpkeepParts) {
    this.#parts = parts;
    this.#timers = [
      setInterval(
        () =>
          void this.run()
            .then(() => this.check())
            .then(() => this.forget()),
        EVERY_MS,
      ).unref(),
      setInterval(() => void this.#giveUpOverdue().catch(() => undefined), GIVE_UP_EVERY_MS).unref(),
    ];
  }

  /** Never rejects: what could not be done is logged and tried again the next time. */
  run(): Promise<void> {
    this.#again = this.#running !== undefined;
    this.#running ??= this.#work()
      .catch((error: unknown) => {
        if (!this.#isStopped) this.#parts.logger.warn({ error }, 'the books could not be brought up to date');
      })
      .finally(() => {
        this.#running = undefined;
      });
    return this.#running;
  }

  /** Adds the counters of limits up anew, and tells how many were mended. Never rejects: undefined when it could not. */
  check(): Promise<number | undefined> {
    const checking = this.#check();
    this.#checking = checking;
    return checking;
  }

  async #check(): Promise<number | undefined> {
    const { file, queue, clock, logger } = this.#parts;
    try {
      return await checkCounters({ file, queue, logger, nowMs: clock.nowMs(), signal: this.#ending.signal });
    } catch (error) {
      if (!this.#isStopped) logger.warn({ error }, 'the counters of limits could not be checked');
      return undefined;
    }
  }

  /** Forgets what rate limits counted in windows that are long over, and notes that have done their work. Never rejects. */
  async forget(): Promise<void> {
    const { file, queue, clock, logger } = this.#parts;
    try {
      const parts = { file, queue, nowMs: clock.nowMs() };
      await forgetTraffic(parts);
      await forgetLooseEnds(parts);
    } catch (error) {
      if (!this.#isStopped) logger.warn({ error }, 'old counters of rate limits and old notes could not be removed');
    }
  }

  async beforeReport(): Promise<void> {
    const giveUpAtMs = performance.now() + REPORT_WAIT_MAX_MS;
    let done = false;
    // What this process has booked is in its own reports.
    const run = Promise.all([this.run(), this.#parts.queue.flush()]).finally(() => {
      done = true;
    });
    while (!done && !this.#parts.queue.isBlocked && performance.now() < giveUpAtMs) {
      await Promise.race([run, pause(20, 40)]);
    }
  }

  /** Resolves when nothing runs any more; the queue must be closed, since a merge waits for it. */
  async stopped(): Promise<void> {
    await Promise.all([this.#running, this.#checking]);
  }

  stop(): void {
    this.#ending.abort();
    for (const timer of this.#timers) clearInterval(timer);
  }

  get #isStopped(): boolean {
    return this.#ending.signal.aborted;
  }

  async #work(): Promise<void> {
    do {
      this.#again = false;
      await this.#workOnce();
    } while (this.#again && !this.#isStopped);
  }

  async #workOnce(): Promise<void> {
    const { file, writer, folder, logger } = this.#parts;
    if (hasSpills(folder)) {
      const merged = await mergeSpills(folder, (operation) => writer.merge(operation));
      if (merged > 0) logger.info({ merged, path: file.path }, 'changes that waited for the database lock are booked');
    }
    await this.#giveUpOverdue();
  }

  async #giveUpOverdue(): Promise<void> {
    const { file, clock } = this.#parts;
    if (await file.read(() => hasOverdueRows(file, clock.nowMs()))) await this.#giveUp();
  }

  #giveUp(): Promise<void> {
    const { file, queue, clock } = this.#parts;
    return queue.change(
      () => giveUpOverdueRows(file, clock.nowMs()),
      () => undefined,
    );
  }
}
