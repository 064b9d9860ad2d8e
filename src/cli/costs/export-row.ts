import type { CostRow } from '../../core/costs.ts';
import { type SignedNanoUsd, toUsd } from '../../core/money.ts';

/** A line of the books as programs and spreadsheets get it: time in ISO 8601, money in dollars and in whole nano-dollars. */
export type ExportRow = Readonly<Record<string, string | number | null>>;

const usdOf = (amount: SignedNanoUsd | null) => (amount === null ? null : toUsd(amount));

/** In the order of the columns; each name holds its unit. */
const COLUMNS: Readonly<Record<string, (row: CostRow) => ExportRow[string]>> = {
  record: (row) => row.record,
  id: (row) => row.id,
  request_id: (row) => row.requestId,
  attempt_id: (row) => row.attemptId,
  started_at: (row) => new Date(row.startedAtMs).toISOString(),
  tenant: (row) => row.tenant,
  client: (row) => row.client,
  team: (row) => row.team,
  user: (row) => row.user,
  metadata: (row) => row.metadata,
  tier: (row) => row.tier,
  task: (row) => row.task,
  strategy: (row) => row.strategy,
  rule: (row) => row.rule,
  cache: (row) => row.cache,
  provider: (row) => row.provider,
  model: (row) => row.model,
  key: (row) => row.key,
  role: (row) => row.role,
  status: (row) => row.status,
  error: (row) => row.error,
  provider_request_id: (row) => row.providerRequestId,
  latency_ms: (row) => row.latencyMs,
  price_version: (row) => row.priceVersion,
  usage_source: (row) => row.usageSource,
  input_tokens: (row) => row.inputTokens,
  cached_input_tokens: (row) => row.cachedInputTokens,
  cache_write_tokens: (row) => row.cacheWriteTokens,
  cache_write_1h_tokens: (row) => row.cacheWrite1hTokens,
  audio_input_tokens: (row) => row.audioInputTokens,
  image_input_tokens: (row) => row.imageInputTokens,
  cached_audio_input_tokens: (row) => row.cachedAudioInputTokens,
  cached_image_input_tokens: (row) => row.cachedImageInputTokens,
  output_tokens: (row) => row.outputTokens,
  reasoning_tokens: (row) => row.reasoningTokens,
  audio_output_tokens: (row) => row.audioOutputTokens,
  image_output_tokens: (row) => row.imageOutputTokens,
  web_searches: (row) => row.webSearches,
  service_modes: (row) => row.serviceModes,
  cost_usd: (row) => usdOf(row.costNanoUsd),
  cost_nano_usd: (row) => row.costNanoUsd,
  expected_nano_usd: (row) => row.expectedNanoUsd,
  max_nano_usd: (row) => row.reservedNanoUsd,
  saved_usd: (row) => usdOf(row.savedNanoUsd),
  saved_nano_usd: (row) => row.savedNanoUsd,
  reason: (row) => row.reason,
};

export const EXPORT_COLUMNS = Object.keys(COLUMNS);

export function toExportRow(row: CostRow): ExportRow {
  return Object.fromEntries(Object.entries(COLUMNS).map(([name, read]) => [name, read(row)]));
}
