import type { DatabaseFile } from '../file/database-file.ts';

/** Milliseconds since the epoch: `fromMs` belongs to it, `toMs` does not. */
export type TimeSlice = { readonly fromMs: number; readonly toMs: number };

type SliceOptions = TimeSlice & {
  /** Finds when the row numbered `@rowsMax` (from 0) after `@fromMs` and before `@toMs` started. */
  readonly boundarySql: string;
  readonly rowsMax: number;
};

/**
 * Cuts a span into slices of about `rowsMax` rows each, so that a report over millions of rows
 * leaves the event loop room in between. Rows are sliced by when they started, which never changes:
 * no row is counted twice or left out.
 */
export async function* timeSlices(file: DatabaseFile, options: SliceOptions): AsyncGenerator<TimeSlice> {
  const { boundarySql, rowsMax, toMs } = options;
  let { fromMs } = options;
  while (fromMs < toMs) {
    const row = await file.read(() =>
      file.prepare<object, { startedAtMs: number }>(boundarySql).get({ fromMs, toMs, rowsMax }),
    );
    // All rows of one millisecond stay together.
    const endMs = row ? Math.max(row.startedAtMs, fromMs + 1) : toMs;
    yield { fromMs, toMs: endMs };
    fromMs = endMs;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The condition on requests; none for all of them, so that SQLite takes the index by time. */
export function ofTenant(tenant: string | undefined, table?: string): string {
  if (tenant === undefined) return '';
  return `${table === undefined ? '' : `${table}.`}tenant = @tenant AND`;
}

/**
 * `timeSlices` of the requests of all: of one tenant, who may have few among millions, a slice of as many would be a
 * walk over all books in one go.
 */
export function requestSlices(
  file: DatabaseFile,
  span: TimeSlice & { readonly rowsMax: number },
): AsyncGenerator<TimeSlice> {
  return timeSlices(file, { ...span, boundarySql: REQUEST_BOUNDARY });
}

export const REQUEST_BOUNDARY = `
  SELECT started_at_ms AS startedAtMs FROM requests
  WHERE started_at_ms >= @fromMs AND started_at_ms < @toMs
  ORDER BY started_at_ms LIMIT 1 OFFSET @rowsMax`;

export const ATTEMPT_BOUNDARY = `
  SELECT started_at_ms AS startedAtMs FROM attempts
  WHERE started_at_ms >= @fromMs AND started_at_ms < @toMs
  ORDER BY started_at_ms LIMIT 1 OFFSET @rowsMax`;
