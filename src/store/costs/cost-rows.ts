import type { CostQuery, CostRow } from '../../core/costs.ts';
import type { DatabaseFile } from '../file/database-file.ts';
import { looseCorrectionsOf, requestsOf } from './cost-sums.ts';
import { requestSlices } from './time-slices.ts';

const SLICE_REQUESTS = 1_000;

const NONE = 'NULL';
type Expressions = {
  readonly request: string;
  readonly attempt: string;
  readonly correction: string;
  readonly loose: string;
};

/** Of requests, whatever the line is; a correction without an attempt belongs to none. */
const ofRequest = (column: string, loose = NONE): Expressions => ({
  request: `r.${column}`,
  attempt: `r.${column}`,
  correction: `r.${column}`,
  loose,
});
/** Of the attempt, which a correction speaks of. */
const ofAttempt = (column: string, more: Partial<Expressions> = {}): Expressions => ({
  request: NONE,
  attempt: `a.${column}`,
  correction: `a.${column}`,
  loose: NONE,
  ...more,
});
/** Of the attempt alone: what it used is not used again by its correction. */
const ofUse = (column: string, none = NONE): Expressions => ({
  request: none,
  attempt: `a.${column}`,
  correction: none,
  loose: none,
});
const literal = (request: string, attempt: string, correction: string): Expressions => ({
  request,
  attempt,
  correction,
  loose: correction,
});

const COLUMNS: Readonly<Record<keyof CostRow, Expressions>> = {
  record: literal("'request'", "'attempt'", "'correction'"),
  id: { request: 'r.id', attempt: 'a.id', correction: 'c.id', loose: 'c.id' },
  requestId: ofRequest('id'),
  attemptId: ofAttempt('id'),
  startedAtMs: {
    request: 'r.started_at_ms',
    attempt: 'a.started_at_ms',
    correction: 'c.booked_at_ms',
    loose: 'c.at_ms',
  },
  tenant: ofRequest('tenant', 'c.tenant'),
  client: ofRequest('client'),
  team: ofRequest('team'),
  user: ofRequest('user_name'),
  metadata: ofRequest('metadata'),
  tier: ofRequest('tier'),
  task: ofRequest('task'),
  strategy: ofRequest('strategy'),
  rule: ofRequest('rule'),
  cache: ofRequest('cache'),
  provider: ofAttempt('provider', { loose: 'c.provider' }),
  model: ofAttempt('model', { request: 'r.model', loose: 'c.model' }),
  key: ofAttempt('key', { loose: 'c.key' }),
  role: ofAttempt('role'),
  status: literal('r.status', 'a.status', NONE),
  error: literal('r.error', 'a.error', NONE),
  providerRequestId: ofAttempt('provider_request_id'),
  latencyMs: literal('r.latency_ms', 'a.latency_ms', NONE),
  priceVersion: ofUse('price_version'),
  usageSource: ofUse('usage_source'),
  inputTokens: literal('0', 'a.input_tokens + a.cached_input_tokens + a.cache_write_tokens', 'c.input_tokens'),
  cachedInputTokens: ofUse('cached_input_tokens', '0'),
  cacheWriteTokens: ofUse('cache_write_tokens', '0'),
  outputTokens: literal('0', 'a.output_tokens', 'c.output_tokens'),
  reasoningTokens: ofUse('reasoning_tokens', '0'),
  cacheWrite1hTokens: ofUse('cache_write_1h_tokens'),
  audioInputTokens: ofUse('audio_input_tokens'),
  imageInputTokens: ofUse('image_input_tokens'),
  cachedAudioInputTokens: ofUse('cached_audio_input_tokens'),
  cachedImageInputTokens: ofUse('cached_image_input_tokens'),
  audioOutputTokens: ofUse('audio_output_tokens'),
  imageOutputTokens: ofUse('image_output_tokens'),
  webSearches: ofUse('web_searches'),
  serviceModes: ofUse('service_modes'),
  expectedNanoUsd: ofUse('expected_nano_usd'),
  reservedNanoUsd: ofUse('reserved_nano_usd'),
  costNanoUsd: literal(NONE, 'a.cost_nano_usd', 'c.cost_nano_usd'),
  savedNanoUsd: literal('r.saved_nano_usd', NONE, NONE),
  reason: literal(NONE, NONE, 'c.reason'),
};

/** A line stands with its request: that first, then its attempts, then what was corrected. */
const PLACE: Readonly<Record<string, Expressions>> = {
  requestStartedAtMs: ofRequest('started_at_ms', 'c.at_ms'),
  place: literal('0', '1', '2'),
};

const select = (line: keyof Expressions) =>
  `SELECT ${Object.entries({ ...COLUMNS, ...PLACE })
    .map(([name, expressions]) => `${expressions[line]} AS ${name}`)
    .join(', ')}`;

const readRows = (tenant: string | undefined) => `
  SELECT * FROM (
    ${select('request')} FROM requests AS r WHERE ${requestsOf(tenant)}
    UNION ALL
    ${select('attempt')} FROM requests AS r JOIN attempts AS a ON a.request_id = r.id WHERE ${requestsOf(tenant)}
    UNION ALL
    ${select('correction')}
    FROM requests AS r JOIN attempts AS a ON a.request_id = r.id JOIN corrections AS c ON c.attempt_id = a.id
    WHERE ${requestsOf(tenant)}
    UNION ALL
    ${select('loose')} FROM corrections AS c WHERE ${looseCorrectionsOf(tenant)}
  ) ORDER BY requestStartedAtMs, requestId, place, startedAtMs, id`;

type Ordered = CostRow & { readonly requestStartedAtMs: number; readonly place: number };

/** Every line that the sums of a report are made of. */
export async function* readCostRows(
  file: DatabaseFile,
  { tenant, fromMs, toMs }: Pick<CostQuery, 'tenant' | 'fromMs' | 'toMs'>,
): AsyncGenerator<CostRow> {
  for await (const slice of requestSlices(file, { fromMs, toMs, rowsMax: SLICE_REQUESTS })) {
    const rows = await file.read(() => file.prepare<object, Ordered>(readRows(tenant)).all({ tenant, ...slice }));
    for (const { requestStartedAtMs: _startedAtMs, place: _place, ...row } of rows) yield row;
  }
}
