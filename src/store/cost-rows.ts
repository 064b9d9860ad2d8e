import type { CostQuery, CostRow } from '../core/costs.ts';
import { looseCorrectionsOf, requestsOf } from './cost-sums.ts';
import type { DatabaseFile } from './database-file.ts';
import { requestBoundary, timeSlices } from './time-slices.ts';

const SLICE_REQUESTS = 1_000;

const OF_REQUEST = `
  r.id AS requestId, r.tenant, r.client, r.team, r.user_name AS user, r.metadata, r.tier, r.task, r.strategy, r.rule, r.cache`;
const OF_NO_REQUEST = `
  NULL, c.tenant, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL`;
const NO_TOKENS =
  '0 AS inputTokens, 0 AS cachedInputTokens, 0 AS cacheWriteTokens, 0 AS outputTokens, 0 AS reasoningTokens';

const readRows = (tenant: string | undefined) => `
  SELECT * FROM (
    SELECT 'request' AS record, r.id, NULL AS attemptId, r.started_at_ms AS startedAtMs, ${OF_REQUEST},
      NULL AS provider, r.model, NULL AS key, NULL AS role, r.status, r.error, NULL AS providerRequestId,
      r.latency_ms AS latencyMs, NULL AS priceVersion, NULL AS usageSource, ${NO_TOKENS},
      NULL AS expectedNanoUsd, NULL AS reservedNanoUsd, NULL AS costNanoUsd, r.saved_nano_usd AS savedNanoUsd,
      NULL AS reason, r.started_at_ms AS requestStartedAtMs, 0 AS place
    FROM requests AS r WHERE ${requestsOf(tenant)}
    UNION ALL
    SELECT 'attempt', a.id, a.id, a.started_at_ms, ${OF_REQUEST},
      a.provider, a.model, a.key, a.role, a.status, a.error, a.provider_request_id,
      a.latency_ms, a.price_version, a.usage_source,
      a.input_tokens + a.cached_input_tokens + a.cache_write_tokens, a.cached_input_tokens, a.cache_write_tokens,
      a.output_tokens, a.reasoning_tokens,
      a.expected_nano_usd, a.reserved_nano_usd, a.cost_nano_usd, NULL, NULL, r.started_at_ms, 1
    FROM requests AS r JOIN attempts AS a ON a.request_id = r.id WHERE ${requestsOf(tenant)}
    UNION ALL
    SELECT 'correction', c.id, a.id, c.booked_at_ms, ${OF_REQUEST},
      a.provider, a.model, a.key, a.role, NULL, NULL, a.provider_request_id,
      NULL, NULL, NULL, c.input_tokens, 0, 0, c.output_tokens, 0,
      NULL, NULL, c.cost_nano_usd, NULL, c.reason, r.started_at_ms, 2
    FROM requests AS r JOIN attempts AS a ON a.request_id = r.id JOIN corrections AS c ON c.attempt_id = a.id
    WHERE ${requestsOf(tenant)}
    UNION ALL
    SELECT 'correction', c.id, NULL, c.at_ms, ${OF_NO_REQUEST},
      c.provider, c.model, c.key, NULL, NULL, NULL, NULL,
      NULL, NULL, NULL, c.input_tokens, 0, 0, c.output_tokens, 0,
      NULL, NULL, c.cost_nano_usd, NULL, c.reason, c.at_ms, 2
    FROM corrections AS c WHERE ${looseCorrectionsOf(tenant)}
  ) ORDER BY requestStartedAtMs, requestId, place, startedAtMs, id`;

type Ordered = CostRow & { readonly requestStartedAtMs: number; readonly place: number };

/** Every line that the sums of a report are made of. */
export async function* readCostRows(
  file: DatabaseFile,
  { tenant, fromMs, toMs }: Pick<CostQuery, 'tenant' | 'fromMs' | 'toMs'>,
): AsyncGenerator<CostRow> {
  const slices = {
    fromMs,
    toMs,
    boundarySql: requestBoundary(tenant),
    rowsMax: SLICE_REQUESTS,
    parameters: { tenant },
  };
  for await (const slice of timeSlices(file, slices)) {
    const rows = await file.read(() => file.prepare<object, Ordered>(readRows(tenant)).all({ tenant, ...slice }));
    for (const { requestStartedAtMs: _startedAtMs, place: _place, ...row } of rows) yield row;
  }
}
