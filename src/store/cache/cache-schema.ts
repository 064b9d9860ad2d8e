/** With these forms nobody starts any more: the next one throws them away. */
const FORMER_FORMS = ['', ''];

/**
 * The steps of the cache's schema. A cache of an older form starts empty: what it held is asked for once more.
 * A row is found by a number: of digests the index would be four times as large, and each insert dirties one page of it.
 */
export const CACHE_MIGRATIONS: readonly string[] = [
  ...FORMER_FORMS,
  `
  DROP TABLE IF EXISTS answers;
  DROP TABLE IF EXISTS contents;

  CREATE TABLE answers (
    -- Never given twice, also when the newest row was evicted: by it a process knows how far it has read.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The first 48 bits of the digest.
    key INTEGER NOT NULL UNIQUE,
    digest TEXT NOT NULL,
    -- JSON of a CachedAnswer.
    body TEXT NOT NULL,
    stored_at_ms INTEGER NOT NULL,
    -- When it was stored or, later, answered somebody.
    last_used_at_ms INTEGER NOT NULL,
    hits INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX answers_by_use ON answers (last_used_at_ms);
  `,
];
