import * as z from 'zod';
import { checkProviderName } from '../../core/model-name.ts';
import { formatWait } from '../../core/wording/format-wait.ts';
import type { ProviderStatus } from '../../gateway/gateway.ts';
import { alignColumns, formatCount, formatPlural, toIso } from '../rendering/format.ts';
import { defineTool } from './tool.ts';

const ROWS_MAX = 50;

const INPUT = z.strictObject({
  provider: z.string().optional(),
  probe: z.boolean().optional().describe('Ask each free model list now'),
});

const OUTPUT = z.object({
  providers: z.array(
    z.object({
      id: z.string(),
      kind: z.string(),
      status: z.enum(['healthy', 'degraded', 'down', 'unconfigured', 'disabled', 'unknown']),
      success_rate: z.number().optional().describe('0 to 1, last 24 hours'),
      latency_ms: z.object({ p50: z.number().optional(), p95: z.number().optional() }).optional(),
      requests: z.int(),
      breaker: z.enum(['closed', 'open', 'half-open']),
      cooldown_until: z.string().optional(),
      keys: z
        .array(
          z.object({
            name: z.string(),
            status: z.string(),
            until: z.string().optional(),
            reason: z.string().optional(),
          }),
        )
        .optional(),
      last_error: z.object({ code: z.string(), message: z.string(), at: z.string() }).optional(),
      probed_models: z.int().optional().describe('Length of its model list, when probed'),
    }),
  ),
  omitted: z.int().optional().describe('Further providers; name one'),
  hint: z.string().optional().describe('What to do when none or not all are listed'),
});

export type ProviderStatusOutput = z.output<typeof OUTPUT>;

const NO_PROVIDER = 'No provider is configured. Run "signalbox init", or set OPENAI_API_KEY or another key.';

/** How each provider does. */
export const providerStatus = defineTool({
  name: 'provider_status',
  title: 'Provider health',
  description:
    'Health of each LLM provider: up or down, success rate, latency, rate limit cooldowns, keys, last error.',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  notes: [
    'Figures are of the last 24 hours, over all processes that share the data folder; a provider without traffic is `unknown` until probed.',
    `At most ${ROWS_MAX} providers are listed, those in trouble first; \`omitted\` counts the rest.`,
    '`probe` calls only free model lists, never a paid completion.',
  ],
  input: INPUT,
  output: OUTPUT,
  run: async ({ provider, probe }, { gateway, signal, rowsMax = ROWS_MAX, nowMs = Date.now }) => {
    const query = {
      ...(provider !== undefined && { provider: checkProviderName(provider) }),
      ...(probe !== undefined && { probe }),
    };
    const statuses = await gateway.providerStatus(query, signal);
    if (statuses.length === 0) return { structured: { providers: [], hint: NO_PROVIDER }, text: NO_PROVIDER };
    const omitted = Math.max(statuses.length - rowsMax, 0);
    const listed = omitted > 0 ? inTroubleFirst(statuses).slice(0, rowsMax) : statuses;
    const hint =
      omitted > 0 && `${formatCount(omitted)} more, in no greater trouble; ask with provider for one of them.`;
    const text = toText(listed, nowMs());
    return {
      structured: { providers: listed.map(toStructured), ...(hint && { omitted, hint }) },
      text: hint ? `${text}\n${hint}` : text,
    };
  },
});

const TROUBLE: readonly ProviderStatus['status'][] = [
  'down',
  'degraded',
  'healthy',
  'unknown',
  'unconfigured',
  'disabled',
];

function inTroubleFirst(statuses: readonly ProviderStatus[]): readonly ProviderStatus[] {
  return [...statuses].sort((left, right) => TROUBLE.indexOf(left.status) - TROUBLE.indexOf(right.status));
}

function toStructured(status: ProviderStatus): z.input<typeof OUTPUT>['providers'][number] {
  const { latencyMsP50: p50, latencyMsP95: p95, lastError } = status;
  return {
    id: status.id,
    kind: status.kind,
    status: status.status,
    ...(status.successRate !== undefined && { success_rate: status.successRate }),
    ...((p50 !== undefined || p95 !== undefined) && {
      latency_ms: { ...(p50 !== undefined && { p50 }), ...(p95 !== undefined && { p95 }) },
    }),
    requests: status.requests,
    breaker: status.breaker,
    ...(status.cooldownUntilMs !== undefined && { cooldown_until: toIso(status.cooldownUntilMs) }),
    ...(status.keys.length > 0 && {
      keys: status.keys.map(({ name, status: keyStatus, untilMs, reason }) => ({
        name,
        status: keyStatus,
        ...(untilMs !== undefined && { until: toIso(untilMs) }),
        ...(reason !== undefined && { reason }),
      })),
    }),
    ...(lastError !== undefined && {
      last_error: { code: lastError.code, message: lastError.message, at: toIso(lastError.atMs) },
    }),
    ...(status.probedModels !== undefined && { probed_models: status.probedModels }),
  };
}

function toText(statuses: readonly ProviderStatus[], nowMs: number): string {
  return alignColumns(statuses.map((status) => [status.id, status.status, factsOf(status, nowMs).join(' · ')]));
}

function factsOf(status: ProviderStatus, nowMs: number): readonly string[] {
  const { successRate, latencyMsP50, latencyMsP95, cooldownUntilMs, lastError, probedModels } = status;
  return [
    successRate === undefined
      ? 'no traffic in 24 h'
      : `${(successRate * 100).toFixed(1)}% of ${formatPlural(status.requests, 'request')} succeeded`,
    ...(latencyMsP50 === undefined ? [] : [`p50 ${formatCount(Math.round(latencyMsP50))} ms`]),
    ...(latencyMsP95 === undefined ? [] : [`p95 ${formatCount(Math.round(latencyMsP95))} ms`]),
    ...(status.breaker === 'closed' ? [] : [`breaker ${status.breaker}`]),
    ...(cooldownUntilMs === undefined ? [] : [`rests ${formatWait(Math.max(cooldownUntilMs - nowMs, 0))} more`]),
    ...status.keys
      .filter((key) => key.status !== 'ready')
      .map(
        ({ name, status: keyStatus, reason }) =>
          `key ${name} ${keyStatus}${reason === undefined ? '' : ` (${reason})`}`,
      ),
    ...(probedModels === undefined ? [] : [`lists ${formatPlural(probedModels, 'model')}`]),
    ...(lastError === undefined
      ? []
      : [`last error ${lastError.code} at ${toIso(lastError.atMs)}: ${lastError.message}`]),
  ];
}
