import * as z from 'zod';
import { COST_GROUPS, type CostGroup, type CostTotals } from '../../core/costs.ts';
import { formatUsd } from '../../core/format-usd.ts';
import { toUsd } from '../../core/money.ts';
import type { CostReportAnswer } from '../../gateway/gateway.ts';
import { checkModelName } from '../arguments/names.ts';
import { PERIODS, toSpan } from '../arguments/period.ts';
import { alignColumns, formatCost, formatCount, formatPlural } from '../rendering/format.ts';
import { defineTool } from './tool.ts';

const INPUT = z.strictObject({
  period: z.enum(PERIODS).optional().describe('today by default'),
  from: z.string().optional().describe('ISO date or time, UTC'),
  to: z.string().optional(),
  group_by: z.enum(COST_GROUPS).optional(),
  baseline: z.string().optional().describe('A model to price the same traffic on'),
});

const TOTALS = z.object({
  requests: z.int(),
  attempts: z.int(),
  failed_attempts: z.int(),
  cache_hits: z.int(),
  input_tokens: z.int(),
  output_tokens: z.int(),
  cost_usd: z.number().describe('Of all attempts with a known price, failed ones included'),
  saved_by_cache_usd: z.number(),
  unpriced_requests: z.int().describe('Their cost is unknown and not in cost_usd'),
});

const OUTPUT = z.object({
  from: z.string(),
  to: z.string(),
  totals: TOTALS,
  groups: z.array(TOTALS.extend({ key: z.string() })),
  baseline: z.object({ model: z.string(), cost_usd: z.number(), saved_usd: z.number() }).optional(),
});

/** What was spent. */
export const costReport = defineTool({
  name: 'cost_report',
  title: 'Cost report',
  description:
    'What was spent on LLM calls: requests, tokens, cost and savings by cache in USD, for a period, in groups.',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  notes: [
    'All times are UTC. `today` starts at midnight, `month` on the first; `24h`, `7d` and `30d` reach back from now.',
    'Instead of `period`: `from` and `to`, as `2026-11-30` or `2026-11-30T14:00:00Z`. `from` is inclusive, `to` exclusive; a `to` without a time means the end of that day. Without `from`: all before `to`; without `to`: up to now.',
    'Failed attempts that were billed count. `baseline` appears only when asked for; it prices what was answered at a known price.',
  ],
  input: INPUT,
  output: OUTPUT,
  run: async (input, { gateway, caller, books, nowMs = Date.now }) => {
    const report = await gateway.costReport({
      ...(books !== 'all' && { tenant: caller.tenant }),
      ...toSpan(input, nowMs()),
      ...(input.group_by !== undefined && { groupBy: input.group_by }),
      ...(input.baseline !== undefined && { baseline: checkModelName(input.baseline, 'baseline') }),
    });
    return { structured: toStructured(report), text: toText(report, input.group_by) };
  },
});

function toStructured({ fromMs, toMs, totals, groups, baseline }: CostReportAnswer): z.input<typeof OUTPUT> {
  return {
    from: toIso(fromMs),
    to: toIso(toMs),
    totals: toTotals(totals),
    groups: groups.map((group) => ({ key: group.key, ...toTotals(group) })),
    ...(baseline !== undefined && {
      baseline: { model: baseline.model, cost_usd: toUsd(baseline.costNanoUsd), saved_usd: baseline.savedUsd },
    }),
  };
}

function toTotals(totals: CostTotals): z.input<typeof TOTALS> {
  return {
    requests: totals.requests,
    attempts: totals.attempts,
    failed_attempts: totals.failedAttempts,
    cache_hits: totals.cacheHits,
    input_tokens: totals.inputTokens,
    output_tokens: totals.outputTokens,
    cost_usd: toUsd(totals.costNanoUsd),
    saved_by_cache_usd: toUsd(totals.savedByCacheNanoUsd),
    unpriced_requests: totals.unpricedRequests,
  };
}

function toText({ fromMs, toMs, totals, groups, baseline }: CostReportAnswer, groupBy?: CostGroup): string {
  const lines = [
    `${toIso(fromMs)} to ${toIso(toMs)}`,
    `${formatCost(totals.costNanoUsd)} spent · ${formatCost(totals.savedByCacheNanoUsd)} saved by cache`,
    `${formatPlural(totals.requests, 'request')} · ${formatPlural(totals.attempts, 'attempt')}, ${formatCount(totals.failedAttempts)} failed · ${formatPlural(totals.cacheHits, 'cache hit')} · tokens ${formatCount(totals.inputTokens)} in, ${formatCount(totals.outputTokens)} out`,
  ];
  if (totals.unpricedRequests > 0) {
    lines.push(`${formatPlural(totals.unpricedRequests, 'request')} without a known price, not in the sum`);
  }
  if (groupBy !== undefined) {
    lines.push(`by ${groupBy}:`, groups.length === 0 ? '  nothing' : alignColumns(groups.map(toRow)));
  }
  if (baseline !== undefined) {
    const { model, costNanoUsd, savedUsd } = baseline;
    const verdict = savedUsd >= 0 ? `${formatUsd(savedUsd)} saved` : `${formatUsd(-savedUsd)} more spent`;
    lines.push(`the same traffic on ${model}: ${formatCost(costNanoUsd)}, so ${verdict}`);
  }
  return lines.join('\n');
}

function toRow(group: CostTotals & { readonly key: string }): readonly string[] {
  return [
    `  ${group.key === '' ? '(none)' : group.key}`,
    formatCost(group.costNanoUsd),
    formatPlural(group.requests, 'request'),
    `${formatCount(group.inputTokens)} in, ${formatCount(group.outputTokens)} out`,
    group.unpricedRequests === 0 ? '' : `${formatCount(group.unpricedRequests)} unpriced`,
  ];
}

function toIso(ms: number): string {
  return new Date(ms).toISOString();
}
