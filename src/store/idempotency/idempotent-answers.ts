import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock, IdempotentAnswers, KeyClaim, Logger, RepeatableRequest } from '../../core/ports.ts';
import { DatabaseFile } from '../file/database-file.ts';
import { pause } from '../file/pause.ts';
import { storageUnavailable } from '../file/storage-fault.ts';
import { WriteQueue } from '../file/write-queue.ts';
import { deleteExpired, evictLargest, findClaim, freeKey, keepAnswer, writeClaim } from './idempotency-rows.ts';
import { IDEMPOTENCY_MIGRATIONS } from './idempotency-schema.ts';
import { decrypt, encrypt, type RepeatSeal, sealOf } from './repeat-seal.ts';

/** All answers of all tenants together, on the disk. */
const BYTES_MAX = 256 * 1_048_576;
/** A longer answer is forgotten: asked for again, it is refused rather than paid twice. */
const ANSWER_BYTES_MAX = 8 * 1_048_576;
const TIDIED_EVERY_MS = 3_600_000;

type Opened = { readonly file: DatabaseFile; readonly queue: WriteQueue };

type IdempotentAnswersParts = {
  readonly folder: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly bytesMax?: number;
  readonly answerBytesMax?: number;
};

/**
 * Answers in `idempotency.db`, a file of its own since a long answer must not hold the books up. It is opened when
 * the first key comes: most clients send none.
 */
export class SqliteIdempotentAnswers implements IdempotentAnswers {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #bytesMax: number;
  readonly #answerBytesMax: number;
  /** Claims this process works on. */
  readonly #running = new Set<string>();
  readonly #tidying: NodeJS.Timeout;
  #opened: Promise<Opened> | undefined;
  #evicting = false;
  #closed = false;

  constructor({ folder, clock, logger, ...limits }: IdempotentAnswersParts) {
    this.#path = join(folder, 'idempotency.db');
    this.#clock = clock;
    this.#logger = logger;
    this.#bytesMax = limits.bytesMax ?? BYTES_MAX;
    this.#answerBytesMax = limits.answerBytesMax ?? ANSWER_BYTES_MAX;
    this.#tidying = setInterval(() => void this.tidy(), TIDIED_EVERY_MS).unref();
  }

  async claim(request: RepeatableRequest, expiresAtMs: number): Promise<KeyClaim> {
    const { file, queue } = await this.#open();
    const seal = sealOf(request);
    const claim = randomUUID();
    const findOrWrite = () => {
      const nowMs = this.#clock.nowMs();
      deleteExpired(file, nowMs, this.#running);
      const known = this.#find(file, seal, nowMs);
      if (!known) writeClaim(file, seal, { tenant: request.tenant, claim, nowMs, expiresAtMs });
      return known;
    };
    const known = await queue.change(findOrWrite, () => Promise.reject(storageUnavailable(this.#path, LOCKED)));
    return known ?? this.#first({ file, queue }, seal, claim);
  }

  /** Removes what has expired, also when nobody sends keys any more. Never rejects. */
  async tidy(): Promise<void> {
    if (!this.#opened && !existsSync(this.#path)) return;
    try {
      const { file, queue } = await this.#open();
      let isMore = true;
      while (isMore && !this.#closed) {
        isMore = false;
        await this.#write(queue, () => {
          isMore = deleteExpired(file, this.#clock.nowMs(), this.#running);
        });
        if (isMore) await pause(5, 10);
      }
    } catch (error) {
      if (!this.#closed) this.#logger.warn({ error }, 'answers under idempotency keys could not be tidied up');
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#tidying);
    const opened = await this.#opened?.catch(() => undefined);
    await opened?.queue.close();
    opened?.file.close();
  }

  #find(file: DatabaseFile, seal: RepeatSeal, nowMs: number): Exclude<KeyClaim, { type: 'first' }> | undefined {
    const row = findClaim(file, seal, { nowMs, running: this.#running });
    if (!row) return undefined;
    if (!row.fingerprint.equals(seal.fingerprint)) return { type: 'other-request' };
    if (row.state !== 'answered') return { type: row.state };
    const answer = row.answer ? decrypt(row.answer, seal.secret) : undefined;
    return answer === undefined ? { type: 'forgotten' } : { type: 'answered', answer };
  }

  #first({ file, queue }: Opened, { id, secret }: RepeatSeal, claim: string): KeyClaim {
    this.#running.add(claim);
    const end = (change: () => void) => {
      this.#running.delete(claim);
      return this.#write(queue, change);
    };
    return {
      type: 'first',
      keep: async (answer) => {
        const isKept = answer !== undefined && Buffer.byteLength(answer) <= this.#answerBytesMax;
        const kept = isKept ? encrypt(answer, secret) : undefined;
        let isMore = false;
        await end(() => {
          keepAnswer(file, { id, claim }, { answer: kept, nowMs: this.#clock.nowMs() });
          isMore = evictLargest(file, this.#bytesMax);
        });
        if (isMore) this.#evict({ file, queue });
      },
      free: () => end(() => freeKey(file, id, claim)),
    };
  }

  /** The caller goes on when it is done, cannot be done, or has to wait for a lock that is held for long. */
  #write(queue: WriteQueue, change: () => void): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    queue.submit({
      run: change,
      committed: resolve,
      failed: (error) => {
        if (!this.#closed) this.#logger.warn({ error }, 'an answer could not be kept under its idempotency key');
        resolve();
      },
      blocked: () => {
        resolve();
        return false;
      },
    });
    return promise;
  }

  /** Once for all that is kept at the same time, and again while more has to go. */
  #evict({ file, queue }: Opened): void {
    if (this.#evicting || this.#closed) return;
    this.#evicting = true;
    let isMore = false;
    const change = () => {
      isMore = evictLargest(file, this.#bytesMax);
    };
    void this.#write(queue, change).then(() => {
      this.#evicting = false;
      if (isMore) this.#evict({ file, queue });
    });
  }

  #open(): Promise<Opened> {
    if (this.#closed) return Promise.reject(storageUnavailable(this.#path, new Error('the store is closed')));
    this.#opened ??= this.#connect().catch((error: unknown) => {
      // The next request tries again.
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
  }

  async #connect(): Promise<Opened> {
    const file = await DatabaseFile.open({
      path: this.#path,
      // What is forgotten in a power cut is paid twice.
      isKept: true,
      migrations: IDEMPOTENCY_MIGRATIONS,
      damagePolicy: 'delete',
      logger: this.#logger,
    });
    return { file, queue: new WriteQueue(file, this.#logger) };
  }
}

const LOCKED = Object.assign(new Error('locked'), { code: 'SQLITE_BUSY' });
