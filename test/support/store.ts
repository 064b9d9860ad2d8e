import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { onTestFinished } from 'vitest';
import type { AttemptOutcome, AttemptStart, RequestEnd, RequestStart } from '../../src/core/books.ts';
import { type AttemptId, type CallId, createAttemptId, createCallId } from '../../src/core/ids.ts';
import { nanoUsd } from '../../src/core/money.ts';
import type { CachedAnswer, Logger } from '../../src/core/ports.ts';
import { SYSTEM_CLOCK } from '../../src/resilience/system-clock.ts';
import { DatabaseFile } from '../../src/store/file/database-file.ts';
import { LEDGER_MIGRATIONS } from '../../src/store/ledger/ledger-schema.ts';
import { openStore, type Store, type StoreOptions } from '../../src/store/open-store.ts';
import { watchStalls } from './given-time.ts';
import { temporaryFolder } from './temporary-folder.ts';

export type LogLine = { readonly level: keyof Logger; readonly message: string; readonly fields: object };

/** A logger that keeps its lines. */
export function recordingLogger(): Logger & { readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const keep = (level: keyof Logger) => (fields: object, message: string) =>
    void lines.push({ level, message, fields });
  return { lines, debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error') };
}

/** The lines of these levels, as text. */
export function loud(logger: { readonly lines: readonly LogLine[] }): readonly string[] {
  return logger.lines.filter(({ level }) => level === 'warn' || level === 'error').map(({ message }) => message);
}

export const CACHE_ON = { enabled: true, ttlMs: 7 * 86_400_000, maxBytes: 10_000_000 };

/** A store that is closed after the test at the latest. */
export async function openTestStore(dataDir: string, more: Partial<StoreOptions> = {}): Promise<Store> {
  const options = { dataDir, cache: CACHE_ON, clock: SYSTEM_CLOCK, logger: recordingLogger(), ...more };
  const store = await openStore(options);
  onTestFinished(() => store.close());
  return store;
}

/** The file of the books alone, closed after the test at the latest. No power fails here, so no commit need wait for the disk. */
export async function openLedgerFile(folder = temporaryFolder(), logger: Logger = recordingLogger(), isKept = false) {
  const options = { isKept, migrations: LEDGER_MIGRATIONS, damagePolicy: 'move-aside', logger } as const;
  const file = await DatabaseFile.open({ ...options, path: join(folder, 'ledger.db') });
  onTestFinished(() => file.close());
  return file;
}

export function requestStart(more: Partial<RequestStart> = {}): RequestStart {
  return {
    id: createCallId(),
    startedAtMs: Date.now(),
    kind: 'chat',
    tenant: 'local',
    client: 'test',
    strategy: 'complexity',
    cache: 'miss',
    configHash: 'hash',
    ...more,
  };
}

export function attemptStart(requestId: CallId, more: Partial<AttemptStart> = {}): AttemptStart {
  return {
    id: createAttemptId(),
    requestId,
    startedAtMs: Date.now(),
    provider: 'groq',
    model: 'groq/llama',
    key: 'primary',
    expiresAtMs: Date.now() + 600_000,
    priceVersion: 'test',
    ...more,
  };
}

export function settled(more: Partial<AttemptOutcome> = {}): AttemptOutcome {
  return {
    status: 'settled',
    usage: {
      inputTokens: 100,
      cachedInputTokens: 20,
      cacheWriteTokens: 3,
      outputTokens: 50,
      reasoningTokens: 10,
      source: 'reported',
    },
    costNanoUsd: nanoUsd(1_000),
    latencyMs: 250,
    ...more,
  };
}

export function requestEnd(more: Partial<RequestEnd> = {}): RequestEnd {
  return { status: 'success', cache: 'miss', latencyMs: 300, model: 'groq/llama', ...more };
}

export function cachedAnswer(text: string, more: Partial<CachedAnswer> = {}): CachedAnswer {
  return {
    completion: {
      content: [{ type: 'text', text }],
      finishReason: { unified: 'stop', raw: 'stop' },
      model: 'llama',
    },
    model: 'groq/llama',
    storedAtMs: Date.now(),
    ...more,
  };
}

/** One whole request with one answered attempt. */
export async function bookCall(store: Store, more: Partial<RequestStart> = {}): Promise<[CallId, AttemptId]> {
  const request = requestStart(more);
  const attempt = attemptStart(request.id, { startedAtMs: request.startedAtMs });
  await Promise.all([store.ledger.recordRequest(request), store.ledger.recordAttempt(attempt)]);
  await store.ledger.settleAttempt(attempt.id, settled());
  await store.ledger.endRequest(request.id, requestEnd());
  return [request.id, attempt.id];
}

/** Looks into a database file with a connection of its own. */
export function inspect<Row>(path: string, sql: string): Row[] {
  const database = new Database(path, { readonly: true });
  try {
    return database.prepare<[], Row>(sql).all();
  } finally {
    database.close();
  }
}

/** Changes a database file with a connection of its own. */
export function change(path: string, sql: string): void {
  const database = new Database(path);
  database.exec(sql);
  database.close();
}

export function filesOf(folder: string): readonly string[] {
  return readdirSync(folder).sort();
}

/** Runs `work` and returns the longest time the event loop was held up meanwhile. */
export async function longestStallMs(work: () => Promise<void>): Promise<number> {
  const longest = watchStalls();
  await work();
  return longest();
}
