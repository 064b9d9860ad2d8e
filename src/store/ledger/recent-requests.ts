import type { AttemptRecord, RequestLogQuery, RequestRecord } from '../../core/books.ts';
import type { Verification } from '../../core/verification.ts';
import type { DatabaseFile } from '../file/database-file.ts';
import { type OrNull, withoutNulls } from '../file/without-nulls.ts';
import { ATTEMPT_COLUMNS, type AttemptRow, costOfAttempts, toAttemptRecord } from './attempt-row.ts';

/** Requests read at once. */
const PAGE_ROWS = 500;

type Required = 'id' | 'startedAtMs' | 'kind' | 'tenant' | 'client' | 'strategy' | 'cache' | 'configHash';
type RequestRow = Pick<RequestRecord, Required> &
  OrNull<Omit<RequestRecord, Required | 'attempts' | 'costNanoUsd' | 'verification' | 'metadata'>> & {
    /** As JSON, like the metadata. */
    readonly verification: string | null;
    readonly metadata: string | null;
  };

const READ_REQUESTS = `
  SELECT id, started_at_ms AS startedAtMs, kind, tenant, client, team, user_name AS user, metadata, tier, task, strategy, rule, cache,
    config_hash AS configHash, status, latency_ms AS latencyMs, model, error, saved_nano_usd AS savedNanoUsd,
    coalesced_into AS coalescedInto, verification
  FROM requests`;
const READ_ONE = `${READ_REQUESTS} WHERE id = @id`;
const READ_PAGE = `
  ${READ_REQUESTS} WHERE (started_at_ms, id) < (@beforeMs, @beforeId)
  ORDER BY started_at_ms DESC, id DESC LIMIT @limit`;

/** A peer began at the same time as the answer; it stands behind it, and before who is stronger. */
const READ_ATTEMPTS = `
  SELECT ${ATTEMPT_COLUMNS} FROM attempts
  WHERE request_id IN (SELECT value FROM json_each(?))
  ORDER BY CASE role WHEN 'peer' THEN 1 WHEN 'escalation' THEN 2 ELSE 0 END, started_at_ms, id`;

/** The newest requests, or the one of that id, with their attempts in the order they were made. */
export async function readRecentRequests(
  file: DatabaseFile,
  { id, limit }: RequestLogQuery,
): Promise<readonly RequestRecord[]> {
  if (id !== undefined) return file.read(() => readRequests(file, READ_ONE, { id }));
  const records: RequestRecord[] = [];
  let before = { beforeMs: Number.MAX_SAFE_INTEGER, beforeId: '' };
  while (records.length < limit) {
    const page = { ...before, limit: Math.min(PAGE_ROWS, limit - records.length) };
    const rows = await file.read(() => readRequests(file, READ_PAGE, page));
    records.push(...rows);
    const last = rows.at(-1);
    if (last === undefined || rows.length < page.limit) break;
    before = { beforeMs: last.startedAtMs, beforeId: last.id };
  }
  return records;
}

function readRequests(file: DatabaseFile, sql: string, parameters: object): readonly RequestRecord[] {
  const requests = file.prepare<object, RequestRow>(sql).all(parameters);
  const ids = JSON.stringify(requests.map(({ id }) => id));
  const attempts = new Map<string, AttemptRecord[]>(requests.map(({ id }) => [id, []]));
  for (const row of file.prepare<[string], AttemptRow>(READ_ATTEMPTS).all(ids)) {
    attempts.get(row.requestId)?.push(toAttemptRecord(row));
  }
  return requests.map(({ verification, metadata, ...row }) => {
    const own = attempts.get(row.id) ?? [];
    const checked = verification !== null && { verification: JSON.parse(verification) as Verification };
    const labels = metadata !== null && { metadata: JSON.parse(metadata) as Record<string, string> };
    return { ...withoutNulls(row), ...labels, ...checked, costNanoUsd: costOfAttempts(own), attempts: own };
  });
}
