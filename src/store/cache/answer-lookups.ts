import type { CacheKey } from '../../core/ids.ts';
import { isJsonObject, parseJsonObject } from '../../core/json/json.ts';
import type { CachedAnswer } from '../../core/ports.ts';
import type { DatabaseFile } from '../file/database-file.ts';
import { storageFaultOf } from '../file/storage-fault.ts';
import { findAnswer } from './cache-rows.ts';
import type { FreshAnswers } from './fresh-answers.ts';
import { RecentAnswers } from './recent-answers.ts';
import type { StoredKeys } from './stored-keys.ts';

type LookupParts = {
  readonly fresh: FreshAnswers;
  readonly stored: StoredKeys;
  /** The cache's file, while it is open. */
  readonly file: () => DatabaseFile | undefined;
  /** Is an answer of this time (wall clock) still given? */
  readonly isInTime: (storedAtMs: number) => boolean;
  readonly report: (error: unknown) => void;
};

const NOTHING_FOUND = Promise.resolve(undefined);

type Question = { readonly key: CacheKey; readonly found: (answer: CachedAnswer | undefined) => void };

/** Finds answers: in memory at once, in the file together with what else is asked in the same turn. */
export class AnswerLookups {
  readonly #parts: LookupParts;
  readonly #recent = new RecentAnswers();
  #asked: Question[] = [];

  constructor(parts: LookupParts) {
    this.#parts = parts;
  }

  /** What was found a moment ago. */
  recall(key: CacheKey): CachedAnswer | undefined {
    const answer = this.#recent.find(key);
    return answer && this.#parts.isInTime(answer.storedAtMs) ? answer : undefined;
  }

  /** There is a newer answer. */
  forget(key: CacheKey): void {
    this.#recent.forget(key);
  }

  /**
   * What is asked in one turn of the event loop is looked up together, as one read: under load its locks, and
   * fetching all of SQLite into the processor's caches again, cost several times what the lookup does.
   */
  ask(key: CacheKey): Promise<CachedAnswer | undefined> {
    const { fresh, stored, file } = this.#parts;
    // A cache that is off, or could not be opened, holds nobody up.
    if (!file() || !(stored.mayHold(key) || fresh.find(key))) return NOTHING_FOUND;
    return new Promise((found) => {
      if (this.#asked.push({ key, found }) === 1) setImmediate(() => this.#lookUp());
    });
  }

  #lookUp(): void {
    const asked = this.#asked;
    this.#asked = [];
    const { stored, file: openFile, report } = this.#parts;
    const file = openFile();
    const lookUp = () => {
      if (file) stored.readOn(file);
      for (const { key, found } of asked) found(this.#look(key, file));
    };
    try {
      if (file && asked.length > 1) file.readTogether(lookUp);
      else lookUp();
    } catch (error) {
      report(error);
      for (const { found } of asked) found(undefined);
      if (storageFaultOf(error) === 'damaged') file?.replaceDamaged(error).catch(report);
    }
  }

  #look(key: CacheKey, file: DatabaseFile | undefined): CachedAnswer | undefined {
    const { fresh, stored, isInTime, report } = this.#parts;
    // Another one may have asked for it in the same turn.
    const recent = this.recall(key);
    if (recent) return recent;
    const body = fresh.find(key) ?? (file && stored.mayHold(key) ? findAnswer(file, key) : undefined);
    if (body === undefined) return undefined;
    const answer = parseAnswer(body);
    if (answer) this.#recent.add(key, answer, body.length);
    else report(new Error('a stored answer is garbled'));
    return answer && isInTime(answer.storedAtMs) ? answer : undefined;
  }
}

/** Undefined for a row that somebody edited: it must not fail the call that finds it. */
function parseAnswer(body: string): CachedAnswer | undefined {
  const answer = parseJsonObject(body);
  const { content, finishReason } = isJsonObject(answer?.completion) ? answer.completion : {};
  const isWhole = Array.isArray(content) && content.every(isJsonObject) && isJsonObject(finishReason);
  return isWhole && typeof answer?.model === 'string' ? (answer as unknown as CachedAnswer) : undefined;
}
