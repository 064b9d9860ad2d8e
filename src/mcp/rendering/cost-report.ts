import * as z from 'zod';
import type { CostGroup, CostTotals, OpenCost } from '../../core/costs.ts';
import { toUsd } from '../../core/money.ts';
import { shorten } from '../../core/wording/describe-value.ts';
import { formatUsd, formatUsdRoughly } from '../../core/wording/format-usd.ts';
import type { CostReportAnswer } from '../../gateway/gateway.ts';
import type { BudgetUse } from '../../gateway/money/budget-report.ts';
import {
  alignColumns,
  formatCost,
  formatCount,
  formatPlural,
  formatPrediction,
  formatShare,
  toIso,
  usdOrNull,
} from './format.ts';

const NAME_CHARACTERS_MAX = 100;

const TOTALS = z.object({
  requests: z.int(),
  attempts: z.int(),
  failed_attempts: z.int(),
  cache_hits: z.int(),
  input_tokens: z.int(),
  output_tokens: z.int(),
  cost_usd: z.number().describe('Of all attempts with a known price, failed ones and corrections included'),
  corrections_usd: z.number().describe('The part of cost_usd that was corrected later'),
  saved_by_cache_usd: z.number(),
  unpriced_requests: z.int().describe('Their cost is unknown and not in cost_usd'),
  unknown_attempts: z.int().describe('Nobody knows how they ended; their cost is not in cost_usd'),
});

const OPEN = z.object({
  attempt_id: z.string(),
  request_id: z.string(),
  started_at: z.string(),
  model: z.string(),
  key: z.string(),
  input_tokens: z.int(),
  output_tokens: z.int(),
  cost_usd_max: z.number().nullable().describe('The most it can have cost'),
});

/** What `cost_report` returns. */
export const COST_REPORT = z.object({
  from: z.string(),
  to: z.string(),
  totals: TOTALS,
  groups: z.array(TOTALS.extend({ key: z.string() })),
  groups_omitted: z.int().optional().describe('So many more than are listed: of less cost, or earlier'),
  budgets: z.array(
    z.object({
      name: z.string(),
      key: z.string().optional().describe('For whom, when each has its own'),
      limit_usd: z.number(),
      spent_usd: z.number(),
      reserved_usd: z.number().describe('For attempts under way'),
      unknown_usd: z.number().describe('Held for attempts whose cost nobody knows'),
      unpriced_attempts: z.int(),
      share: z.number().describe('Of the limit, of these three together'),
      resets_at: z.string().optional(),
      forecast_usd: z.number().optional().describe('Spent at the end of the window, by its pace'),
    }),
  ),
  budgets_omitted: z.int().optional().describe('So many more than are listed, less used'),
  unpriced: z.array(OPEN),
  unknown: z.array(OPEN),
  open_omitted: z.int().optional().describe('So many more than are listed as unpriced and unknown'),
  prediction: z.object({
    attempts: z.int(),
    median_error: z.number().nullable().describe('Of the expected cost, as a share of the cost'),
    median_bias: z.number().nullable().describe('The same with its sign; above 0: expected too much'),
    above_max: z.int().describe('Attempts that cost more than the maximum foretold'),
  }),
  baseline: z.object({ model: z.string(), cost_usd: z.number(), saved_usd: z.number() }).optional(),
});

export type CostReportOutput = z.output<typeof COST_REPORT>;

/** A report whose lists are as long as their reader has room for. */
export type ListedReport = CostReportAnswer & { readonly groupsOmitted?: number; readonly budgetsOmitted?: number };

/** Of times the latest are kept, of all else what comes first. */
export function listAtMost(report: CostReportAnswer, rowsMax: number, groupBy?: CostGroup): ListedReport {
  const { groups, budgets } = report;
  const isOfTimes = groupBy === 'day' || groupBy === 'hour';
  return {
    ...report,
    groups: isOfTimes ? groups.slice(-rowsMax) : groups.slice(0, rowsMax),
    groupsOmitted: Math.max(groups.length - rowsMax, 0),
    budgets: budgets.slice(0, rowsMax),
    budgetsOmitted: Math.max(budgets.length - rowsMax, 0),
  };
}

export function toStructuredReport(report: ListedReport): z.input<typeof COST_REPORT> {
  const { fromMs, toMs, totals, groups, budgets, open, openCount, prediction, baseline } = report;
  const { groupsOmitted = 0, budgetsOmitted = 0 } = report;
  return {
    from: toIso(fromMs),
    to: toIso(toMs),
    totals: toTotals(totals),
    groups: groups.map((group) => ({ key: group.key, ...toTotals(group) })),
    ...(groupsOmitted > 0 && { groups_omitted: groupsOmitted }),
    budgets: budgets.map(toBudget),
    ...(budgetsOmitted > 0 && { budgets_omitted: budgetsOmitted }),
    unpriced: open.filter(({ kind }) => kind === 'unpriced').map(toOpen),
    unknown: open.filter(({ kind }) => kind === 'unknown').map(toOpen),
    ...(openCount > open.length && { open_omitted: openCount - open.length }),
    prediction: {
      attempts: prediction.attempts,
      median_error: prediction.medianError ?? null,
      median_bias: prediction.medianBias ?? null,
      above_max: prediction.aboveMax,
    },
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
    corrections_usd: toUsd(totals.correctionsNanoUsd),
    saved_by_cache_usd: toUsd(totals.savedByCacheNanoUsd),
    unpriced_requests: totals.unpricedRequests,
    unknown_attempts: totals.unknownAttempts,
  };
}

function toBudget(use: BudgetUse): z.input<typeof COST_REPORT>['budgets'][number] {
  return {
    name: use.name,
    ...(use.key !== undefined && { key: use.key }),
    limit_usd: toUsd(use.limitNanoUsd),
    spent_usd: toUsd(use.settledNanoUsd),
    reserved_usd: toUsd(use.reservedNanoUsd),
    unknown_usd: toUsd(use.unknownNanoUsd),
    unpriced_attempts: use.unpricedAttempts,
    share: use.share,
    ...(use.resetsAtMs !== undefined && { resets_at: toIso(use.resetsAtMs) }),
    ...(use.forecastNanoUsd !== undefined && { forecast_usd: toUsd(use.forecastNanoUsd) }),
  };
}

function toOpen(open: OpenCost): z.input<typeof OPEN> {
  return {
    attempt_id: open.attemptId,
    request_id: open.requestId,
    started_at: toIso(open.startedAtMs),
    model: open.model,
    key: open.key,
    input_tokens: open.inputTokens,
    output_tokens: open.outputTokens,
    cost_usd_max: usdOrNull(open.reservedNanoUsd),
  };
}

/** The same facts, compactly. */
export function toReportText(report: ListedReport, groupBy?: CostGroup): string {
  const { fromMs, toMs, totals, groups, groupsOmitted = 0, budgets, budgetsOmitted = 0, baseline } = report;
  const lines = [
    `${toIso(fromMs)} to ${toIso(toMs)}`,
    `${formatCost(totals.costNanoUsd)} spent${corrected(totals)} · ${formatCost(totals.savedByCacheNanoUsd)} saved by cache`,
    `${formatPlural(totals.requests, 'request')} · ${formatPlural(totals.attempts, 'attempt')}, ${formatCount(totals.failedAttempts)} failed · ${formatPlural(totals.cacheHits, 'cache hit')} · tokens ${formatCount(totals.inputTokens)} in, ${formatCount(totals.outputTokens)} out`,
    ...openLines(report),
    ...predictionLine(report),
  ];
  if (groupBy !== undefined) {
    lines.push(`by ${groupBy}:`, groups.length === 0 ? '  nothing' : alignColumns(groups.map(toRow)));
    if (groupsOmitted > 0) lines.push(`  and ${formatCount(groupsOmitted)} more, in the sum but not listed`);
  }
  lines.push(...budgets.map(budgetLine));
  if (budgetsOmitted > 0) lines.push(`and ${formatPlural(budgetsOmitted, 'budget')} more, less used`);
  if (baseline !== undefined) {
    const { model, costNanoUsd, savedUsd } = baseline;
    const verdict = savedUsd >= 0 ? `${formatUsd(savedUsd)} saved` : `${formatUsd(-savedUsd)} more spent`;
    lines.push(`the same traffic on ${model}: ${formatCost(costNanoUsd)}, so ${verdict}`);
  }
  return lines.join('\n');
}

function corrected({ correctionsNanoUsd }: CostTotals): string {
  return correctionsNanoUsd === 0 ? '' : `, ${formatCost(correctionsNanoUsd)} of it by corrections`;
}

function openLines({ totals, open, openCount }: CostReportAnswer): readonly string[] {
  if (totals.unpricedRequests === 0) return [];
  const more = openCount - open.length;
  return [
    `${formatPlural(totals.unpricedRequests, 'request')} without a known price, not in the sum`,
    ...open.map(
      ({ attemptId, startedAtMs, model, kind, reservedNanoUsd }) =>
        `  ${toIso(startedAtMs)} ${model} ${attemptId}: ${kind === 'unpriced' ? 'price unknown' : 'its end is unknown'}${reservedNanoUsd === undefined ? '' : `, ${formatCost(reservedNanoUsd)} at most`}`,
    ),
    ...(more > 0 && open.length > 0 ? [`  and ${formatCount(more)} more`] : []),
  ];
}

function predictionLine({ prediction }: CostReportAnswer): readonly string[] {
  const words = formatPrediction(prediction);
  return words === undefined ? [] : [`expected cost: ${words}`];
}

function budgetLine(use: BudgetUse): string {
  const parts = [
    `${formatCost(use.settledNanoUsd)} of ${formatCost(use.limitNanoUsd)} (${formatShare(use.share)})`,
    ...(use.reservedNanoUsd > 0 ? [`${formatCost(use.reservedNanoUsd)} reserved`] : []),
    ...(use.unknownNanoUsd > 0 ? [`${formatCost(use.unknownNanoUsd)} held as unknown`] : []),
    ...(use.unpricedAttempts > 0 ? [`${formatPlural(use.unpricedAttempts, 'attempt')} without a price`] : []),
    ...(use.resetsAtMs === undefined ? [] : [`resets ${toIso(use.resetsAtMs)}`]),
    ...(use.forecastNanoUsd === undefined
      ? []
      : [`about ${formatUsdRoughly(toUsd(use.forecastNanoUsd))} by then at this pace`]),
  ];
  return `budget ${use.name}${use.key === undefined ? '' : ` of ${inOneCell(use.key)}`}: ${parts.join(' · ')}`;
}

function toRow(group: CostTotals & { readonly key: string }): readonly string[] {
  return [
    `  ${inOneCell(group.key) || '(none)'}`,
    formatCost(group.costNanoUsd),
    formatPlural(group.requests, 'request'),
    `${formatCount(group.inputTokens)} in, ${formatCount(group.outputTokens)} out`,
    group.unpricedRequests === 0 ? '' : `${formatCount(group.unpricedRequests)} unpriced`,
  ];
}

/** Names may be what callers sent, of any length, and the longest one is the width of its column. */
function inOneCell(name: string): string {
  return shorten(name.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim(), NAME_CHARACTERS_MAX);
}
