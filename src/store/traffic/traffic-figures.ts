import type { ProviderFigures, RecentTraffic, TrafficFigures } from '../../core/alerts.ts';
import { ERROR_CODES, errorPolicy } from '../../core/error-codes.ts';
import { nanoUsd } from '../../core/money.ts';
import { ATTEMPT_BOUNDARY, REQUEST_BOUNDARY } from '../costs/time-slices.ts';
import type { DatabaseFile } from '../file/database-file.ts';
import { EndedRows, type EndedTable } from './ended-rows.ts';
import { IS_PROVIDER_FAILURE } from './provider-traffic.ts';

/** A request that failed by its caller's own mistake, or at a limit that was set on purpose, says nothing about us. */
const OWN_FAULTS = ERROR_CODES.filter(
  (code) => errorPolicy(code).httpStatus >= 500 || errorPolicy(code).key === 'disable',
);

const REQUESTS: EndedTable<'requests' | 'failed' | 'cacheHits' | 'cacheable'> = {
  name: 'requests',
  boundarySql: REQUEST_BOUNDARY,
  owner: "''",
  sums: {
    requests: "count(*) FILTER (WHERE status <> 'cancelled')",
    failed: `count(*) FILTER (WHERE status IN ('failed', 'truncated') AND error IN (${listOf(OWN_FAULTS)}))`,
    cacheHits: "count(*) FILTER (WHERE status <> 'cancelled' AND cache IN ('hit', 'coalesced'))",
    cacheable: "count(*) FILTER (WHERE status <> 'cancelled' AND cache IN ('hit', 'coalesced', 'miss'))",
  },
  // An answer out of the cache takes no time and would hide how long the others take.
  isAnswer: "status = 'success' AND cache NOT IN ('hit', 'coalesced')",
};

const ATTEMPTS: EndedTable<'requests' | 'failures' | 'costNanoUsd'> = {
  name: 'attempts',
  boundarySql: ATTEMPT_BOUNDARY,
  owner: 'provider',
  sums: {
    requests: 'count(*)',
    failures: `count(*) FILTER (WHERE ${IS_PROVIDER_FAILURE})`,
    costNanoUsd: 'coalesce(sum(cost_nano_usd), 0)',
  },
  isAnswer: "status = 'settled'",
};

const NOTHING = { requests: 0, failed: 0, cacheHits: 0, cacheable: 0 };

/** What ended lately, for alerts: a later look reads little more than what came since the last. */
export class BookedTraffic implements RecentTraffic {
  readonly #requests: EndedRows<keyof (typeof REQUESTS)['sums']>;
  readonly #attempts: EndedRows<keyof (typeof ATTEMPTS)['sums']>;

  constructor(file: DatabaseFile) {
    this.#requests = new EndedRows(file, REQUESTS);
    this.#attempts = new EndedRows(file, ATTEMPTS);
  }

  async requests(window: Parameters<RecentTraffic['requests']>[0]): Promise<TrafficFigures> {
    const ended = (await this.#requests.within(window)).get('');
    if (!ended) return NOTHING;
    const { sums, ...latency } = ended;
    return { ...sums, ...latency };
  }

  async attempts(window: Parameters<RecentTraffic['attempts']>[0]): Promise<readonly ProviderFigures[]> {
    const ended = [...(await this.#attempts.within(window))];
    return ended.map(([provider, { sums, ...latency }]) => {
      return { provider, ...sums, costNanoUsd: nanoUsd(sums.costNanoUsd), ...latency };
    });
  }
}

function listOf(codes: readonly string[]): string {
  return codes.map((code) => `'${code}'`).join(', ');
}
