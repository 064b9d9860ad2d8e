import { withLedger } from './signalbox-books.ts';

/** A limit as the audit holds it, by the name it has in the books. */
export type AuditedQuota = {
  readonly quota: string;
  readonly limit: number;
  /** Of a rolling window; 0 when each part of the window counts by itself. */
  readonly rollingMs: number;
};

/** How near a limit came to be reached, and how often it was passed. */
export type AuditFinding = {
  readonly quota: string;
  readonly limit: number;
  /** The most that any key of it ever stood at. */
  readonly peak: number;
  readonly breaches: number;
  /** How many of these attempts explain that are booked without being weighed while somebody else locks the database. */
  readonly unweighed: number;
};

const USED = 'NEW.settled + NEW.reserved + NEW.unknown';

/** What counts beside the changed part: all parts of a rolling window, those that lie ahead included. */
const STANDING = `
  SELECT q.quota, q.limit_units + coalesce(sum(c.extended), 0) AS allowed,
    coalesce(sum(c.settled + c.reserved + c.unknown), 0) AS used
  FROM audited_quotas AS q JOIN quota_counters AS c ON c.quota = q.quota AND c.key = NEW.key
    AND CASE WHEN q.rolling_ms = 0 THEN c.bucket_ms = NEW.bucket_ms ELSE c.bucket_ms >= NEW.bucket_ms - q.rolling_ms END
  WHERE q.quota = NEW.quota`;

/** Under a lock only budgets wait: whoever none of them concerns, as free models, goes on through the journal. */
const UNWEIGHED = `
  SELECT count(*) FROM quota_entries AS e WHERE e.quota = NEW.quota AND e.key = NEW.key AND e.bucket_ms = NEW.bucket_ms
    AND NOT EXISTS (SELECT 1 FROM quota_entries AS b WHERE b.attempt_id = e.attempt_id AND b.unit = 'nano_usd')`;

const NOTE = `
  INSERT INTO audit_notes (quota, key, bucket_ms, used, allowed, unweighed)
  SELECT quota, NEW.key, NEW.bucket_ms, used, allowed, (${UNWEIGHED}) FROM (${STANDING}) WHERE quota IS NOT NULL;`;

const SET_UP = `
  CREATE TABLE IF NOT EXISTS audited_quotas (quota TEXT PRIMARY KEY, limit_units INTEGER NOT NULL, rolling_ms INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS audit_notes (quota TEXT, key TEXT, bucket_ms INTEGER, used INTEGER, allowed INTEGER,
    unweighed INTEGER);
  CREATE TRIGGER IF NOT EXISTS audit_of_new AFTER INSERT ON quota_counters BEGIN ${NOTE} END;
  CREATE TRIGGER IF NOT EXISTS audit_of_more AFTER UPDATE ON quota_counters
    WHEN ${USED} > OLD.settled + OLD.reserved + OLD.unknown BEGIN ${NOTE} END;`;

/**
 * Has the database itself write down what every limit stands at whenever it grows, in the transaction that lets it
 * grow: whatever is committed was looked at, whichever process did it. Made by the test, in a data folder of its own.
 */
export function startAudit(dataDir: string, quotas: readonly AuditedQuota[]): void {
  withLedger(dataDir, (database) => {
    database.exec(SET_UP);
    const add = database.prepare<AuditedQuota>(
      'INSERT OR REPLACE INTO audited_quotas (quota, limit_units, rolling_ms) VALUES (@quota, @limit, @rollingMs)',
    );
    for (const quota of quotas) add.run(quota);
  });
}

const READ_AUDIT = `
  SELECT q.quota, q.limit_units AS "limit", coalesce(max(n.used), 0) AS peak, coalesce(sum(n.used > n.allowed), 0) AS breaches,
    coalesce(sum(n.used > n.allowed AND n.used <= n.allowed + n.unweighed), 0) AS unweighed
  FROM audited_quotas AS q LEFT JOIN audit_notes AS n ON n.quota = q.quota GROUP BY q.quota ORDER BY q.quota`;

export function readAudit(dataDir: string): readonly AuditFinding[] {
  return withLedger(dataDir, (database) => database.prepare<[], AuditFinding>(READ_AUDIT).all());
}
