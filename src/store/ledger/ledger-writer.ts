import type { AttemptStart } from '../../core/books.ts';
import { PassingMap } from '../../core/collections/passing-map.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Clock, Logger } from '../../core/ports.ts';
import type { Admission } from '../../core/quota.ts';
import type { DatabaseFile } from '../file/database-file.ts';
import { storageUnavailable } from '../file/storage-fault.ts';
import type { WriteJob, WriteQueue } from '../file/write-queue.ts';
import { type Verdict, weighClaims } from '../quotas/quota-admission.ts';
import { applyOperation } from './apply-operation.ts';
import { isBeginning, isOfAttempt, type LedgerOperation, rowIdOf } from './ledger-operation.ts';
import type { SpillJournal } from './spill-journal.ts';

/** Both are bounded: far above what one process has under way. */
const OPEN_ROWS_MAX = 10_000;
const UNSAVED_MAX = 10_000;
const UNSAVED_RETRY_MS = 1_000;

const ADMITTED: Admission = { type: 'admitted' };

type LedgerWriterParts = {
  readonly file: DatabaseFile;
  readonly queue: WriteQueue;
  readonly journal: SpillJournal;
  readonly folder: string;
  readonly clock: Clock;
  readonly logger: Logger;
};

/**
 * Makes operations durable: in the database, or in the journal while another process holds the
 * database's lock for long.
 */
export class LedgerWriter {
  /** A journal was written that no coming end of a lock will merge. */
  onLateSpill: () => void = () => {};
  readonly #parts: LedgerWriterParts;
  /** What began and has not ended: written again when the database is replaced under us. */
  readonly #open = new PassingMap<LedgerOperation>();
  /** Requests whose beginning could not be written, until they end. */
  readonly #refused = new PassingMap<LedgerOperation>();
  /** Ends that could not be written. Their callers know; the books learn it when the disk recovers. */
  readonly #unsaved = new Map<string, LedgerOperation>();
  #retry: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(parts: LedgerWriterParts) {
    this.#parts = parts;
  }

  /** Resolves when the operation is durable, though a power cut may still undo the end of an attempt; rejects with `storage_unavailable`. */
  write(operation: LedgerOperation): Promise<void> {
    return this.#book(this.#asOfRefused(operation), undefined);
  }

  /**
   * Books an attempt if its claims allow it; one commit weighs and reserves them. An attempt that a hard budget
   * has a say in waits for the database: a journal cannot tell what other processes reserve.
   */
  admit(attempt: AttemptStart): Promise<Admission> {
    const { file, queue } = this.#parts;
    const { claims = [] } = attempt;
    if (claims.length === 0) return this.#book({ type: 'record-attempt', attempt }, ADMITTED);
    const mustWait = claims.some(({ unit, mode }) => unit === 'nano_usd' && mode === 'hard');
    return new Promise((resolve, reject) => {
      let verdict: Verdict | undefined;
      let booked: LedgerOperation | undefined;
      queue.submit({
        run: () => {
          verdict = weighClaims(file, claims);
          booked = undefined;
          if (verdict.type === 'refused') return;
          booked = { type: 'record-attempt', attempt: { ...attempt, claims: verdict.claims } };
          this.#apply(booked);
        },
        committed: () => {
          if (booked) this.#noteSaved(booked);
          resolve(verdict?.admission ?? ADMITTED);
        },
        failed: (error) => {
          this.#noteUnsaved({ type: 'record-attempt', attempt }, error);
          reject(error);
        },
        blocked: () => {
          if (mustWait) return false;
          const operation: LedgerOperation = { type: 'record-attempt', attempt };
          this.#spill(operation).then(() => {
            this.#noteSaved(operation);
            resolve(ADMITTED);
          }, reject);
          return true;
        },
      });
    });
  }

  /** A change that waits for the database, however long that is locked. */
  change<Result>(run: (nowMs: number) => Result): Promise<Result> {
    const { queue, clock } = this.#parts;
    const nowMs = clock.nowMs();
    return queue.change(() => run(nowMs));
  }

  /** Like `write`, for operations that are already durable in a journal: waits for the database. */
  merge(operation: LedgerOperation): Promise<void> {
    return new Promise((resolve, reject) => {
      const failed = (error: unknown) => {
        if (!(error instanceof GatewayError) || error.code !== 'internal') return reject(error);
        this.#parts.logger.error(
          { error, operation: operation.type },
          'a line of a spill journal cannot be booked and is left out',
        );
        resolve();
      };
      this.#submit(operation, { committed: resolve, failed });
    });
  }

  /** The database is another one: it must know what is under way. */
  rewriteOpen(): void {
    const failed = (error: unknown) => this.#parts.logger.error({ error }, 'an open row could not be written again');
    for (const operation of this.#open.values()) this.#submit(operation, { committed: () => {}, failed });
  }

  /** Tries what is unsaved once more; called before the queue closes. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#retry);
    this.#retryUnsaved();
  }

  /** `write` that resolves with `result`. */
  #book<Result>(operation: LedgerOperation, result: Result): Promise<Result> {
    return new Promise((resolve, reject) => {
      const committed = () => {
        this.#noteSaved(operation);
        resolve(result);
      };
      const failed = (error: unknown) => {
        this.#noteUnsaved(operation, error);
        reject(error);
      };
      const blocked = () => {
        this.#spill(operation).then(committed, failed);
        return true;
      };
      // What follows it, the end of the request or its next attempt, nearly always takes it along.
      const canSyncLater = operation.type === 'settle-attempt';
      this.#submit(operation, { committed, failed, blocked, canWait: !isOfAttempt(operation), canSyncLater });
    });
  }

  #submit(operation: LedgerOperation, job: Omit<WriteJob, 'run'>): void {
    this.#parts.queue.submit({ ...job, run: () => this.#apply(operation) });
  }

  #apply(operation: LedgerOperation): void {
    const { file, clock } = this.#parts;
    for (const each of this.#withRequest(operation)) applyOperation(file, each, clock);
  }

  /** No attempt without its request, which may have been refused a moment before there was room again. */
  #withRequest(operation: LedgerOperation): readonly LedgerOperation[] {
    if (operation.type !== 'record-attempt' || this.#refused.size === 0) return [operation];
    const late = this.#refused.get(operation.attempt.requestId);
    return late ? [late, operation] : [operation];
  }

  /** The end of a request whose beginning was refused; other operations as they are. */
  #asOfRefused(operation: LedgerOperation): LedgerOperation {
    if (operation.type !== 'end-request' || this.#refused.size === 0) return operation;
    return this.#refused.get(operation.id) ? { ...operation, isOfRefused: true } : operation;
  }

  async #spill(operation: LedgerOperation): Promise<void> {
    try {
      const lines = this.#withRequest(operation).map((each) => JSON.stringify(each));
      await this.#parts.journal.append(lines.join('\n'));
      // The lock came free while this was written: whoever merged the journals then did not see it.
      if (!this.#parts.queue.isBlocked) this.onLateSpill();
    } catch (error) {
      throw storageUnavailable(this.#parts.folder, error);
    }
  }

  #noteSaved(operation: LedgerOperation): void {
    for (const each of this.#withRequest(operation)) {
      const id = rowIdOf(each);
      if (this.#refused.size > 0) this.#refused.delete(id);
      if (isBeginning(each)) {
        this.#open.set(id, each);
        if (this.#open.size > OPEN_ROWS_MAX) this.#open.halve();
      } else {
        this.#open.delete(id);
        if (this.#unsaved.size > 0) this.#unsaved.delete(id);
      }
    }
  }

  #noteUnsaved(operation: LedgerOperation, error: unknown): void {
    if (error instanceof GatewayError && error.code === 'internal') return;
    if (operation.type === 'record-request' && isBeginning(operation)) {
      this.#refused.set(operation.request.id, operation);
      if (this.#refused.size > OPEN_ROWS_MAX) this.#refused.halve();
      return;
    }
    if (this.#stopped || this.#unsaved.size >= UNSAVED_MAX) return;
    const id = rowIdOf(operation);
    // Nothing was sent for an attempt that was refused. It may be booked all the same: committed, but not synced.
    const owed: LedgerOperation =
      operation.type === 'record-attempt'
        ? { type: 'void-attempt', id: operation.attempt.id, isOfRefused: true }
        : this.#asOfRefused(operation);
    if (!this.#unsaved.has(id)) this.#unsaved.set(id, owed);
    this.#retry ??= setTimeout(() => this.#retryUnsaved(), UNSAVED_RETRY_MS).unref();
  }

  #retryUnsaved(): void {
    this.#retry = undefined;
    // What is refused at once is among the unsaved again before the next is tried.
    const owed = [...this.#unsaved.values()];
    this.#unsaved.clear();
    for (const operation of owed) {
      this.write(operation).catch((error: unknown) =>
        this.#parts.logger.debug({ error }, 'the end of a call is still not booked'),
      );
    }
  }
}
