import { join } from 'node:path';
import type { CacheKey } from '../../core/ids.ts';
import type { CachedAnswer, CacheKeyFields, Clock, Logger, ResponseCache } from '../../core/ports.ts';
import { DatabaseFile } from '../file/database-file.ts';
import { pause } from '../file/pause.ts';
import { storageFaultOf } from '../file/storage-fault.ts';
import { type WriteJob, WriteQueue } from '../file/write-queue.ts';
import { AnswerLookups } from './answer-lookups.ts';
import { cacheKeyOf } from './cache-key.ts';
import { type AnswerRow, countHits, evictAnswers, type Hits, storeAnswer } from './cache-rows.ts';
import { CACHE_MIGRATIONS } from './cache-schema.ts';
import { FreshAnswers } from './fresh-answers.ts';
import { StoredKeys } from './stored-keys.ts';

export type CacheSettings = { readonly enabled: boolean; readonly ttlMs: number; readonly maxBytes: number };

type CacheParts = {
  readonly folder: string;
  readonly settings: CacheSettings;
  readonly clock: Clock;
  readonly logger: Logger;
};

/** One answer may fill this part of the cache, a character counted as a byte. */
const ANSWER_SHARE_MAX = 1 / 8;
const HITS_WRITTEN_EVERY_MS = 1_000;
const OPEN_AGAIN_AFTER_MS = 60_000;
/** After this part of the cache's size was written, or of its answers' time has passed, some may have to go. */
const EVICTION_SHARE = 1 / 1_000;

const NOTHING_TO_WRITE = Promise.resolve();

type Opened = { readonly file: DatabaseFile; readonly queue: WriteQueue };

/** Answers in `cache.db`. Whatever goes wrong is logged once and makes misses. */
export class SqliteResponseCache implements ResponseCache {
  readonly #parts: CacheParts;
  readonly #hits = new Map<CacheKey, Hits>();
  readonly #fresh = new FreshAnswers((rows, done) => this.#writeRows(rows, done));
  readonly #stored = new StoredKeys();
  readonly #lookups = new AnswerLookups({
    fresh: this.#fresh,
    stored: this.#stored,
    file: () => this.#openedOrRetry()?.file,
    isInTime: (storedAtMs) => this.#isInTime(storedAtMs),
    report: (error) => this.#report(error),
  });
  readonly #reported = new Set<string>();
  #opened: Opened | undefined;
  #triedAtMs = 0;
  #hitsTimer: NodeJS.Timeout | undefined;
  #evicting = false;
  #oldestAtEvictionMs = Number.NEGATIVE_INFINITY;
  #charsSinceEviction = 0;
  #closed = false;

  constructor(parts: CacheParts) {
    this.#parts = parts;
  }

  get isEnabled(): boolean {
    return this.#parts.settings.enabled;
  }

  async open(): Promise<void> {
    const { folder, settings, logger } = this.#parts;
    if (!settings.enabled || this.#closed) return;
    this.#triedAtMs = performance.now();
    const path = join(folder, 'cache.db');
    try {
      const options = { path, isKept: false, migrations: CACHE_MIGRATIONS, damagePolicy: 'delete' } as const;
      const file = await DatabaseFile.open({ ...options, logger });
      if (this.#closed || this.#opened) file.close();
      else this.#opened = { file, queue: new WriteQueue(file, logger) };
    } catch (error) {
      this.#report(error);
    }
  }

  keyOf(fields: CacheKeyFields): CacheKey {
    return cacheKeyOf(fields);
  }

  async read(key: CacheKey): Promise<CachedAnswer | undefined> {
    const answer = this.#lookups.recall(key) ?? (await this.#lookups.ask(key));
    if (answer) this.#noteHit(key);
    return answer;
  }

  async has(key: CacheKey): Promise<boolean> {
    return (await this.#lookups.ask(key)) !== undefined;
  }

  write(key: CacheKey, answer: CachedAnswer): Promise<void> {
    if (!this.#openedOrRetry()) return NOTHING_TO_WRITE;
    const body = JSON.stringify(answer);
    if (body.length > this.#parts.settings.maxBytes * ANSWER_SHARE_MAX) return NOTHING_TO_WRITE;
    this.#charsSinceEviction += body.length;
    this.#lookups.forget(key);
    return this.#fresh.add({ key, storedAtMs: answer.storedAtMs, body });
  }

  async close(): Promise<void> {
    clearTimeout(this.#hitsTimer);
    this.#writeHits();
    this.#fresh.flush();
    this.#closed = true;
    await this.#opened?.queue.close();
    this.#opened?.file.close();
    this.#opened = undefined;
  }

  #writeRows(rows: readonly AnswerRow[], done: () => void): void {
    const opened = this.#opened;
    if (!opened) {
      done();
      return;
    }
    this.#submit(
      opened,
      (file) => {
        for (const row of rows) storeAnswer(file, row, this.#parts.clock.nowMs());
      },
      () => {
        for (const { key } of rows) this.#stored.add(key);
        done();
      },
    );
    if (this.#isEvictionDue()) void this.#evict(opened);
  }

  #openedOrRetry(): Opened | undefined {
    if (!this.#opened && performance.now() - this.#triedAtMs > OPEN_AGAIN_AFTER_MS) void this.open();
    return this.#opened;
  }

  /** A cache that is locked for long goes without the change. */
  #submit({ file, queue }: Opened, change: (file: DatabaseFile) => void, done: () => void = () => {}): void {
    const job: WriteJob = {
      run: () => change(file),
      committed: done,
      failed: (error) => {
        this.#report(error);
        done();
      },
      blocked: () => {
        done();
        return true;
      },
    };
    queue.submit(job);
  }

  #isEvictionDue(): boolean {
    const { maxBytes, ttlMs } = this.#parts.settings;
    return (
      this.#charsSinceEviction > maxBytes * EVICTION_SHARE ||
      // Either way: the clock may have been put back.
      Math.abs(this.#oldestMs() - this.#oldestAtEvictionMs) > ttlMs * EVICTION_SHARE
    );
  }

  /** Once for all that is written at the same time, and again while more has to go: in small commits, between which others are served. */
  async #evict(opened: Opened): Promise<void> {
    if (this.#evicting) return;
    this.#evicting = true;
    this.#oldestAtEvictionMs = this.#oldestMs();
    this.#charsSinceEviction = 0;
    while (!this.#closed && (await this.#evictPart(opened))) await pause(5, 10);
    this.#evicting = false;
  }

  /** False when nothing was left, or could not be removed. */
  #evictPart({ file, queue }: Opened): Promise<boolean> {
    const evict = () => {
      const { ttlMs, maxBytes } = this.#parts.settings;
      const oldestMs = this.#oldestMs();
      return evictAnswers(file, { oldestMs, newestMs: oldestMs + 2 * ttlMs }, maxBytes);
    };
    return queue
      .change(evict, () => false)
      .catch((error: unknown) => {
        this.#report(error);
        return false;
      });
  }

  #noteHit(key: CacheKey): void {
    const count = (this.#hits.get(key)?.count ?? 0) + 1;
    this.#hits.set(key, { key, count, lastHitAtMs: this.#parts.clock.nowMs() });
    this.#hitsTimer ??= setTimeout(() => this.#writeHits(), HITS_WRITTEN_EVERY_MS).unref();
  }

  #writeHits(): void {
    this.#hitsTimer = undefined;
    const hits = [...this.#hits.values()];
    this.#hits.clear();
    if (!this.#opened || hits.length === 0) return;
    this.#submit(this.#opened, (file) => {
      for (const one of hits) countHits(file, one);
    });
  }

  /** Not when it is too old, nor when it was written while the clock was far ahead: it would be given for as long. */
  #isInTime(storedAtMs: number): boolean {
    const { clock, settings } = this.#parts;
    return Math.abs(clock.nowMs() - storedAtMs) < settings.ttlMs;
  }

  #oldestMs(): number {
    return this.#parts.clock.nowMs() - this.#parts.settings.ttlMs;
  }

  /** Once for each kind of trouble: a broken cache must not fill the log. */
  #report(error: unknown): void {
    if (this.#closed) return;
    const kind = storageFaultOf(error) ?? (error instanceof Error ? error.message : String(error));
    if (this.#reported.has(kind) || this.#reported.size > 20) return;
    this.#reported.add(kind);
    this.#parts.logger.warn({ error }, 'the answer cache does not work; answers are asked for again');
  }
}
