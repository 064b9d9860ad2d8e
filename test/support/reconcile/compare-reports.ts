import type { Finding } from './evidence.ts';
import { withLedger } from './signalbox-books.ts';
import type { ReportedSums, SummedFigures } from './work.ts';

const FIGURES = [
  'requests',
  'attempts',
  'failedAttempts',
  'cacheHits',
  'inputTokens',
  'outputTokens',
  'costNanoUsd',
  'savedByCacheNanoUsd',
  'unpricedRequests',
] as const;

const READ_SUMS = `
  SELECT (SELECT count(*) FROM requests) AS requests, count(*) AS attempts,
    count(*) FILTER (WHERE status NOT IN ('pending', 'cancelled') AND (status <> 'settled' OR error IS NOT NULL)) AS failedAttempts,
    (SELECT count(*) FROM requests WHERE cache = 'hit') AS cacheHits,
    (SELECT coalesce(sum(saved_nano_usd), 0) FROM requests) AS savedByCacheNanoUsd,
    count(DISTINCT iif(cost_nano_usd IS NULL AND status NOT IN ('pending', 'failed_unbilled'), request_id, NULL)) AS unpricedRequests,
    coalesce(sum(input_tokens + cached_input_tokens + cache_write_tokens), 0) AS inputTokens,
    coalesce(sum(output_tokens), 0) AS outputTokens, coalesce(sum(cost_nano_usd), 0) AS costNanoUsd
  FROM attempts`;

/** I19, I23: the parts of every report are its whole, and the whole is the sum of the rows. */
export function compareReports(dataDir: string, reports: readonly ReportedSums[]): readonly Finding[] {
  const rows = withLedger(dataDir, (database) => database.prepare<[], SummedFigures>(READ_SUMS).get());
  if (!rows) return [];
  return reports.flatMap(({ group, totals, groups }) =>
    FIGURES.flatMap((figure): readonly Finding[] => {
      const parts = groups.reduce((sum, part) => sum + BigInt(part[figure]), 0n);
      const told = `${figure} by ${group}: parts ${parts}, whole ${totals[figure]}, rows ${rows[figure]}`;
      const agree = parts === BigInt(totals[figure]) && totals[figure] === rows[figure];
      return agree ? [] : [{ invariant: 'I19', what: told }];
    }),
  );
}
