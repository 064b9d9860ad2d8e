import type { CacheKey } from '../../core/ids.ts';
import type { CachedAnswer } from '../../core/ports.ts';

/** So much later, at most, this process finds the newer answer of another one. */
const REMEMBERED_MS = 100;
const REMEMBERED_CHARS_MAX = 4_000_000;

/** Answers that were read out of the cache's file a moment ago: what many ask at once is read and parsed once. */
export class RecentAnswers {
  #answers = new Map<CacheKey, CachedAnswer>();
  #chars = 0;

  /** `chars`: the length of its JSON. */
  add(key: CacheKey, answer: CachedAnswer, chars: number): void {
    if (this.#chars + chars > REMEMBERED_CHARS_MAX) return;
    if (this.#answers.size === 0) setTimeout(() => this.#clear(), REMEMBERED_MS).unref();
    this.#answers.set(key, answer);
    this.#chars += chars;
  }

  find(key: CacheKey): CachedAnswer | undefined {
    return this.#answers.get(key);
  }

  /** There is a newer one. */
  forget(key: CacheKey): void {
    this.#answers.delete(key);
  }

  #clear(): void {
    this.#answers = new Map();
    this.#chars = 0;
  }
}
