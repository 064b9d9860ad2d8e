/** The steps of the schema of `idempotency.db`. Triggers keep the sizes right whoever writes. */
export const IDEMPOTENCY_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE answers (
    -- A digest of the tenant and its key.
    id BLOB PRIMARY KEY,
    tenant TEXT NOT NULL,
    -- A digest of the request.
    fingerprint BLOB NOT NULL,
    -- Who works on it, or did.
    claim TEXT NOT NULL,
    claimed_at_ms INTEGER NOT NULL,
    -- NULL while under way.
    answered_at_ms INTEGER,
    expires_at_ms INTEGER NOT NULL,
    -- under-way, answered, forgotten.
    state TEXT NOT NULL,
    -- Encrypted with a key that only the request itself gives; NULL unless answered.
    answer BLOB,
    bytes INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX answers_by_expiry ON answers (expires_at_ms);
  CREATE INDEX answers_of_tenant ON answers (tenant, answered_at_ms) WHERE answered_at_ms IS NOT NULL;

  CREATE TABLE holdings (tenant TEXT PRIMARY KEY, bytes INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TRIGGER answer_added AFTER INSERT ON answers BEGIN
    INSERT INTO holdings (tenant, bytes) VALUES (new.tenant, new.bytes)
      ON CONFLICT (tenant) DO UPDATE SET bytes = bytes + excluded.bytes;
  END;
  CREATE TRIGGER answer_changed AFTER UPDATE OF bytes ON answers BEGIN
    UPDATE holdings SET bytes = bytes + new.bytes - old.bytes WHERE tenant = new.tenant;
  END;
  CREATE TRIGGER answer_removed AFTER DELETE ON answers BEGIN
    UPDATE holdings SET bytes = bytes - old.bytes WHERE tenant = old.tenant;
    DELETE FROM holdings WHERE tenant = old.tenant AND bytes <= 0;
  END;
  `,
];
