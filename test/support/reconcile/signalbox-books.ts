import { join } from 'node:path';
import Database from 'better-sqlite3';

/** A request as its row has it. */
export type BookedRequest = {
  readonly id: string;
  /** The name its client gave itself: the work it belongs to. */
  readonly tag: string;
  readonly tenant: string;
  readonly cache: string;
  /** Null while it runs. */
  readonly status: string | null;
  /** Null: nobody reported its end. */
  readonly endedAtMs: number | null;
  readonly coalescedInto: string | null;
  readonly savedNanoUsd: number | null;
};

/** An attempt as its row has it. */
export type BookedAttempt = {
  readonly id: string;
  readonly requestId: string;
  readonly provider: string;
  readonly model: string;
  readonly key: string;
  readonly status: string;
  readonly error: string | null;
  readonly priceVersion: string | null;
  /** Null: nobody reported its end. */
  readonly endedAtMs: number | null;
  readonly vendorId: string | null;
  readonly source: string | null;
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly costNanoUsd: number | null;
  readonly reservedNanoUsd: number | null;
};

export type SignalboxBooks = {
  readonly requests: readonly BookedRequest[];
  readonly attempts: readonly BookedAttempt[];
};

const READ_REQUESTS = `
  SELECT id, client AS tag, tenant, cache, status, ended_at_ms AS endedAtMs,
    coalesced_into AS coalescedInto, saved_nano_usd AS savedNanoUsd
  FROM requests ORDER BY id`;

const READ_ATTEMPTS = `
  SELECT id, request_id AS requestId, provider, model, key, status, error, price_version AS priceVersion,
    ended_at_ms AS endedAtMs, provider_request_id AS vendorId, usage_source AS source, input_tokens AS inputTokens,
    cached_input_tokens AS cachedInputTokens, cache_write_tokens AS cacheWriteTokens, output_tokens AS outputTokens,
    reasoning_tokens AS reasoningTokens, cost_nano_usd AS costNanoUsd, reserved_nano_usd AS reservedNanoUsd
  FROM attempts ORDER BY id`;

/** Reads the ledger by SQL of its own, past the code that is put to the test; both tables as of one moment. */
export function readSignalboxBooks(dataDir: string): SignalboxBooks {
  return withLedger(dataDir, (database) => {
    const read = database.transaction(() => ({
      requests: database.prepare<[], BookedRequest>(READ_REQUESTS).all(),
      attempts: database.prepare<[], BookedAttempt>(READ_ATTEMPTS).all(),
    }));
    return read();
  });
}

/** A connection of its own to the ledger, for as long as the work takes. */
export function withLedger<Result>(dataDir: string, work: (database: Database.Database) => Result): Result {
  const database = new Database(join(dataDir, 'ledger.db'), { fileMustExist: true, timeout: 10_000 });
  try {
    return work(database);
  } finally {
    database.close();
  }
}
