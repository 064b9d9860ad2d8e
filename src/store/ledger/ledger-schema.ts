/**
 * The steps of the ledger's schema; a step that was released is never changed. No foreign keys:
 * rows of one request may arrive in any order, some through the journal of a dead process.
 */
export const LEDGER_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE requests (
    id TEXT PRIMARY KEY,
    started_at_ms INTEGER NOT NULL,
    kind TEXT NOT NULL,
    tenant TEXT NOT NULL,
    client TEXT NOT NULL,
    tier TEXT,
    task TEXT,
    strategy TEXT NOT NULL,
    rule TEXT,
    cache TEXT NOT NULL,
    config_hash TEXT NOT NULL,
    -- NULL while the request runs.
    status TEXT,
    -- NULL as long as nobody reported the end: also when the request was given up as failed.
    ended_at_ms INTEGER,
    latency_ms INTEGER,
    model TEXT,
    error TEXT,
    saved_nano_usd INTEGER,
    coalesced_into TEXT
  ) STRICT;
  CREATE INDEX requests_of_tenant ON requests (tenant, started_at_ms);
  CREATE INDEX requests_by_time ON requests (started_at_ms);
  CREATE INDEX requests_running ON requests (started_at_ms) WHERE status IS NULL;

  CREATE TABLE attempts (
    id TEXT PRIMARY KEY,
    request_id TEXT NOT NULL,
    started_at_ms INTEGER NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    key TEXT NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    price_version TEXT,
    status TEXT NOT NULL,
    -- NULL as long as nobody reported the end: also when the attempt was given up as unknown.
    ended_at_ms INTEGER,
    latency_ms INTEGER,
    first_token_ms INTEGER,
    error TEXT,
    provider_request_id TEXT,
    usage_source TEXT,
    input_tokens INTEGER NOT NULL DEFAULT 0,
    cached_input_tokens INTEGER NOT NULL DEFAULT 0,
    cache_write_tokens INTEGER NOT NULL DEFAULT 0,
    output_tokens INTEGER NOT NULL DEFAULT 0,
    reasoning_tokens INTEGER NOT NULL DEFAULT 0,
    -- Whole nano-dollars; NULL when the price is unknown, never 0 for unknown.
    cost_nano_usd INTEGER
  ) STRICT;
  CREATE INDEX attempts_of_request ON attempts (request_id);
  CREATE INDEX attempts_by_time ON attempts (started_at_ms);
  CREATE INDEX attempts_of_target ON attempts (provider, ended_at_ms);
  CREATE INDEX attempts_pending ON attempts (expires_at_ms) WHERE status = 'pending';

  -- What came too early: an end whose beginning is still in a journal; and what was taken back, so
  -- that its beginning does not come back when a journal is read twice.
  CREATE TABLE loose_ends (
    id TEXT PRIMARY KEY,
    noted_at_ms INTEGER NOT NULL,
    operation TEXT NOT NULL
  ) STRICT;
  `,
  `
  CREATE TABLE health (
    provider TEXT NOT NULL,
    key TEXT NOT NULL,
    model TEXT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (provider, key, model)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- One index of requests by time serves both, with and without a tenant, and is one less to keep.
  DROP INDEX requests_of_tenant;
  DROP INDEX requests_by_time;
  CREATE INDEX requests_by_time ON requests (started_at_ms, tenant);
  -- Only what has ended is looked for: a pending attempt need not be moved in the index when it ends.
  DROP INDEX attempts_of_target;
  CREATE INDEX attempts_of_target ON attempts (provider, ended_at_ms) WHERE ended_at_ms IS NOT NULL;
  `,
  `
  -- What an attempt was for: NULL for the answer itself.
  ALTER TABLE attempts ADD COLUMN role TEXT;
  -- How the check of the answer went, as JSON; NULL without one.
  ALTER TABLE requests ADD COLUMN verification TEXT;
  `,
  `
  CREATE TABLE shared_states (
    name TEXT PRIMARY KEY,
    -- Grows with each change.
    version INTEGER NOT NULL,
    -- A JSON object.
    state TEXT NOT NULL,
    changed_at_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- Who asked, beside the tenant, and what the caller said of the request: JSON of text by text.
  ALTER TABLE requests ADD COLUMN team TEXT;
  ALTER TABLE requests ADD COLUMN user_name TEXT;
  ALTER TABLE requests ADD COLUMN metadata TEXT;
  -- What it was expected to cost, and the most it could: NULL without a price.
  ALTER TABLE attempts ADD COLUMN expected_nano_usd INTEGER;
  ALTER TABLE attempts ADD COLUMN reserved_nano_usd INTEGER;
  -- What few vendors bill apart: parts of the classes above, NULL for none; and how it was served, as words.
  ALTER TABLE attempts ADD COLUMN cache_write_1h_tokens INTEGER;
  ALTER TABLE attempts ADD COLUMN audio_input_tokens INTEGER;
  ALTER TABLE attempts ADD COLUMN image_input_tokens INTEGER;
  ALTER TABLE attempts ADD COLUMN cached_audio_input_tokens INTEGER;
  ALTER TABLE attempts ADD COLUMN cached_image_input_tokens INTEGER;
  ALTER TABLE attempts ADD COLUMN audio_output_tokens INTEGER;
  ALTER TABLE attempts ADD COLUMN image_output_tokens INTEGER;
  ALTER TABLE attempts ADD COLUMN web_searches INTEGER;
  ALTER TABLE attempts ADD COLUMN service_modes TEXT;

  -- What each attempt reserved of each limit. Kept with the attempt: the counters can be recomputed.
  CREATE TABLE quota_entries (
    attempt_id TEXT NOT NULL,
    quota TEXT NOT NULL,
    key TEXT NOT NULL,
    bucket_ms INTEGER NOT NULL,
    unit TEXT NOT NULL,
    reserved INTEGER NOT NULL,
    -- Of an attempt that ended unseen: what it may have used beyond what was booked.
    held INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (attempt_id, quota)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX quota_entries_of_counter ON quota_entries (quota, key, bucket_ms);

  -- One row for each part of a window that was used. Whole units; a limit is held against the sum of the first three.
  CREATE TABLE quota_counters (
    quota TEXT NOT NULL,
    key TEXT NOT NULL,
    bucket_ms INTEGER NOT NULL,
    settled INTEGER NOT NULL DEFAULT 0,
    reserved INTEGER NOT NULL DEFAULT 0,
    -- Of attempts whose process died: nobody knows what they used, so what they had reserved stays held.
    unknown INTEGER NOT NULL DEFAULT 0,
    -- Added to the limit by a person who was asked.
    extended INTEGER NOT NULL DEFAULT 0,
    unpriced INTEGER NOT NULL DEFAULT 0,
    -- Grows with each repair, so that two processes do not repair the same fault twice.
    repairs INTEGER NOT NULL DEFAULT 0,
    -- When its part of the window counts no longer; what has no window begins and ends at 0, and always counts.
    until_ms INTEGER NOT NULL,
    PRIMARY KEY (quota, key, bucket_ms)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX quota_counters_by_end ON quota_counters (until_ms);

  -- What was found out later. Added to the sums of the attempt it speaks of; without one, to those of its own columns.
  CREATE TABLE corrections (
    id TEXT PRIMARY KEY,
    booked_at_ms INTEGER NOT NULL,
    attempt_id TEXT,
    at_ms INTEGER NOT NULL,
    provider TEXT,
    model TEXT,
    key TEXT,
    tenant TEXT,
    -- Changes: below 0 takes back. NULL: only tokens are corrected.
    cost_nano_usd INTEGER,
    input_tokens INTEGER NOT NULL DEFAULT 0,
    output_tokens INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL
  ) STRICT;
  CREATE INDEX corrections_of_attempt ON corrections (attempt_id) WHERE attempt_id IS NOT NULL;
  CREATE INDEX corrections_by_time ON corrections (at_ms) WHERE attempt_id IS NULL;
  CREATE TRIGGER corrections_stay BEFORE UPDATE ON corrections BEGIN
    SELECT RAISE(ABORT, 'a correction is never changed; book another one');
  END;
  `,
  `
  -- Of an attempt for which something was added to the limit: its claim as JSON. NULL for nearly all.
  ALTER TABLE quota_entries ADD COLUMN extending TEXT;
  `,
];
