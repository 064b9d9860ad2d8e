import type { CostQuery } from '../../core/costs.ts';
import type { Usage } from '../../core/usage.ts';
import type { DatabaseFile } from '../file/database-file.ts';
import { toUsage, USAGE_COLUMNS, type UsageRow } from '../ledger/usage-columns.ts';
import { isOpen } from './cost-sums.ts';
import { ofTenant, requestSlices } from './time-slices.ts';

const SLICE_REQUESTS = 2_000;

const readUsages = (tenant: string | undefined) => `
  SELECT ${USAGE_COLUMNS} FROM requests AS r JOIN attempts AS a ON a.request_id = r.id
  WHERE ${ofTenant(tenant)} r.started_at_ms >= @fromMs AND r.started_at_ms < @toMs
    AND a.status = 'settled' AND a.error IS NULL AND NOT (${isOpen('a')})
    AND a.role IS NOT 'peer' AND (r.verification IS NULL OR a.model = r.model)
  ORDER BY r.started_at_ms, a.started_at_ms, a.id`;

/**
 * Usage of every attempt that was answered at a known price or whose cost a correction told, by when its request started. Of an answer that was
 * checked only the one that was given: another model would have been asked once. A peer may be of
 * the same model, which stood in for the first.
 */
export async function* readAnsweredUsages(file: DatabaseFile, query: CostQuery): AsyncGenerator<Usage> {
  const { tenant, fromMs, toMs } = query;
  for await (const slice of requestSlices(file, { fromMs, toMs, rowsMax: SLICE_REQUESTS })) {
    const rows = await file.read(() => file.prepare<object, UsageRow>(readUsages(tenant)).all({ tenant, ...slice }));
    yield* rows.flatMap((row) => toUsage(row) ?? []);
  }
}
