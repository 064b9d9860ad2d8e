import Database from 'better-sqlite3';
import { GatewayError } from '../../core/errors.ts';

/**
 * Brings the schema up to date: the position of a step in the list is the version it leads to.
 * Several processes may start at once: the version is read again under the write lock, so each
 * step runs once. True when this process changed something; throws `SQLITE_BUSY` while another does.
 */
export function migrate(database: Database.Database, path: string, steps: readonly string[]): boolean {
  if (schemaVersion(database, path, steps) === steps.length) return false;
  database.exec('BEGIN IMMEDIATE');
  try {
    const version = schemaVersion(database, path, steps);
    for (const step of steps.slice(version)) database.exec(step);
    database.exec(`PRAGMA user_version = ${steps.length}; COMMIT`);
    return version < steps.length;
  } catch (error) {
    if (database.inTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** The version the file has; throws for one that only a newer Signalbox knows. Reads no schema. */
export function schemaVersion(database: Database.Database, path: string, steps: readonly string[]): number {
  const version = Number(database.pragma('user_version', { simple: true }));
  if (version <= steps.length) return version;
  throw new GatewayError(
    'storage_unavailable',
    `${path} was written by a newer Signalbox (its schema is ${version}, this one knows ${steps.length}).`,
    { hint: 'Update this Signalbox, or choose another folder with --data-dir or "dataDir".' },
  );
}

const PARTS = `
  SELECT concat_ws(' ', part.type, part.name, column.name)
  FROM sqlite_schema AS part LEFT JOIN pragma_table_info(part.name) AS column`;

/** A table, column, index or trigger that the steps make and the file lacks; undefined when it has all. */
export function missingPart(database: Database.Database, steps: readonly string[]): string | undefined {
  const model = new Database(':memory:');
  try {
    for (const step of steps) model.exec(step);
    const present = new Set(partsOf(database));
    return partsOf(model).find((part) => !present.has(part));
  } finally {
    model.close();
  }
}

function partsOf(database: Database.Database): readonly string[] {
  return database.prepare<[], string>(PARTS).pluck().all();
}
