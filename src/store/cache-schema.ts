/** The steps of the cache's schema. Triggers keep the size right whoever writes. */
export const CACHE_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE answers (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    -- JSON of a CachedAnswer.
    body TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    stored_at_ms INTEGER NOT NULL,
    hits INTEGER NOT NULL DEFAULT 0,
    last_hit_at_ms INTEGER,
    last_used_at_ms INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX answers_by_use ON answers (last_used_at_ms);
  CREATE INDEX answers_by_age ON answers (stored_at_ms);

  CREATE TABLE contents (bytes INTEGER NOT NULL) STRICT;
  INSERT INTO contents (bytes) VALUES (0);
  CREATE TRIGGER answer_added AFTER INSERT ON answers BEGIN
    UPDATE contents SET bytes = bytes + new.bytes;
  END;
  CREATE TRIGGER answer_changed AFTER UPDATE OF bytes ON answers BEGIN
    UPDATE contents SET bytes = bytes + new.bytes - old.bytes;
  END;
  CREATE TRIGGER answer_removed AFTER DELETE ON answers BEGIN
    UPDATE contents SET bytes = bytes - old.bytes;
  END;
  `,
];
