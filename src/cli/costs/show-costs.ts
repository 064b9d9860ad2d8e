import { formatUsd, formatUsdRoughly } from '../../core/wording/format-usd.ts';
import type { CostReportOutput } from '../../mcp/rendering/cost-report.ts';
import { formatCount, formatPlural, formatPrediction, formatShare } from '../../mcp/rendering/format.ts';
import { foreign, foreignName, renderPairs, renderTable } from '../output/table.ts';
import { bad, dim, doubtful, outputColumns, print } from '../output/terminal.ts';
import { toUtcSecond } from '../output/utc-second.ts';
import { renderBar, renderChart } from './chart.ts';
import { type TimeUnit, timeBars } from './time-bars.ts';

type Totals = CostReportOutput['totals'];
type BudgetLine = CostReportOutput['budgets'][number];
type OpenLine = CostReportOutput['unpriced'][number];

/** By what the groups of a report are: asked for, or times for the chart. */
export type Grouping = { readonly by: string } | { readonly chart: TimeUnit };

/** Rows that a person reads; `--json` and the exports have all of them. */
const OPEN_LISTED = 10;
const BUDGETS_LISTED = 20;
const BAR_CHARACTERS = 10;
/** Narrower terminals have no room for bars beside the figures. */
const BARS_FROM_COLUMNS = 72;

export function showCosts(report: CostReportOutput, grouping: Grouping): void {
  print(renderPairs(toPairs(report)));
  if ('chart' in grouping) showChart(report, grouping.chart);
  else showGroups(report, grouping.by);
  if (report.budgets.length > 0) showBudgets(report.budgets);
  showOpen(report);
}

function toPairs({ from, to, totals, prediction, baseline }: CostReportOutput): (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [
    ['from', from],
    ['to', to],
    ['spent', formatUsd(totals.cost_usd)],
    ['saved by cache', formatUsd(totals.saved_by_cache_usd)],
    ['requests', `${formatCount(totals.requests)}, ${formatCount(totals.cache_hits)} from the cache`],
    ['attempts', `${formatCount(totals.attempts)}, ${formatCount(totals.failed_attempts)} failed`],
    ['tokens', `${formatCount(totals.input_tokens)} in, ${formatCount(totals.output_tokens)} out`],
  ];
  if (totals.corrections_usd !== 0)
    pairs.push(['corrections', `${formatUsd(totals.corrections_usd)} of what was spent`]);
  if (totals.unpriced_requests > 0) {
    pairs.push(['price unknown', `${formatPlural(totals.unpriced_requests, 'request')}, not in the sum`]);
  }
  const { attempts, median_error, above_max } = prediction;
  const off = median_error === null ? {} : { medianError: median_error };
  const foretold = formatPrediction({ attempts, ...off, aboveMax: above_max });
  if (foretold !== undefined) pairs.push(['expected cost', foretold]);
  if (baseline !== undefined) {
    const saved = baseline.saved_usd;
    const verdict = saved >= 0 ? `${formatUsd(saved)} saved` : `${formatUsd(-saved)} more spent`;
    pairs.push([`on ${baseline.model}`, `${formatUsd(baseline.cost_usd)}, so ${verdict}`]);
  }
  return pairs;
}

function showChart({ from, to, groups }: CostReportOutput, unit: TimeUnit): void {
  const chart = renderChart(timeBars(unit, { fromMs: Date.parse(from), toMs: Date.parse(to) }, groups));
  if (chart !== '') print(`\n${chart}`);
}

function showGroups({ groups }: CostReportOutput, by: string): void {
  if (groups.length === 0) {
    print(`\nNothing to group by ${by}.`);
    return;
  }
  const most = groups.reduce((highest, { cost_usd }) => Math.max(highest, cost_usd), 0);
  const hasBars = most > 0 && outputColumns() >= BARS_FROM_COLUMNS;
  print('');
  print(
    renderTable(
      [
        { head: foreignName(by), cell: ({ key }) => foreignName(key) || '(none)' },
        { head: 'spent', cell: (row) => formatUsd(row.cost_usd), align: 'right' },
        ...(hasBars
          ? [{ head: '', cell: (row: Totals) => renderBar(row.cost_usd / most, BAR_CHARACTERS).padEnd(BAR_CHARACTERS) }]
          : []),
        { head: 'requests', cell: (row) => formatCount(row.requests), align: 'right' },
        { head: 'in', cell: (row) => formatCount(row.input_tokens), align: 'right' },
        { head: 'out', cell: (row) => formatCount(row.output_tokens), align: 'right' },
        { head: 'of them', cell: remarks, flexible: true },
      ],
      groups,
    ),
  );
}

function remarks(row: Totals): string {
  return [
    ...(row.cache_hits > 0 ? [`${row.cache_hits} from the cache`] : []),
    ...(row.failed_attempts > 0 ? [formatPlural(row.failed_attempts, 'failed attempt')] : []),
    ...(row.unpriced_requests > 0 ? [`${row.unpriced_requests} unpriced`] : []),
  ].join(', ');
}

function showBudgets(budgets: readonly BudgetLine[]): void {
  print('');
  print(
    renderTable(
      [
        { head: 'budget', cell: ({ name, key }) => foreignName(key === undefined ? name : `${name} of ${key}`) },
        { head: 'spent', cell: ({ spent_usd }) => formatUsd(spent_usd), align: 'right' },
        { head: 'limit', cell: ({ limit_usd }) => formatUsd(limit_usd), align: 'right' },
        { head: 'used', cell: ({ share }) => styledShare(share), align: 'right' },
        { head: 'of it', cell: budgetRemarks, flexible: true },
      ],
      budgets.slice(0, BUDGETS_LISTED),
    ),
  );
  const more = budgets.length - BUDGETS_LISTED;
  if (more > 0) print(`and ${formatCount(more)} that are used less; --json lists all`);
}

function styledShare(share: number): string {
  const text = formatShare(share);
  if (share >= 1) return bad(text);
  return share >= 0.8 ? doubtful(text) : text;
}

function budgetRemarks(line: BudgetLine): string {
  return [
    ...(line.reserved_usd > 0 ? [`${formatUsd(line.reserved_usd)} reserved`] : []),
    ...(line.unknown_usd > 0 ? [`${formatUsd(line.unknown_usd)} held as unknown`] : []),
    ...(line.unpriced_attempts > 0 ? [`${formatPlural(line.unpriced_attempts, 'attempt')} without a price`] : []),
    ...(line.forecast_usd === undefined || line.spent_usd === 0
      ? []
      : [`about ${formatUsdRoughly(line.forecast_usd)} at the end at this pace`]),
    ...(line.resets_at === undefined ? [] : [`resets ${line.resets_at.slice(0, 16)}Z`]),
  ].join(', ');
}

type Open = OpenLine & { readonly why: string };

function showOpen({ unpriced, unknown, open_omitted = 0 }: CostReportOutput): void {
  const all: readonly Open[] = [
    ...unpriced.map((line) => ({ ...line, why: 'price unknown' })),
    ...unknown.map((line) => ({ ...line, why: 'its end is unknown' })),
  ].sort((left, right) => (left.started_at < right.started_at ? 1 : -1));
  if (all.length === 0) return;
  print('');
  print(
    renderTable<Open>(
      [
        { head: 'in no sum (UTC)', cell: ({ started_at }) => toUtcSecond(started_at) },
        { head: 'model', cell: ({ model }) => foreign(model) },
        {
          head: 'why',
          cell: ({ why, cost_usd_max }) => (cost_usd_max === null ? why : `${why}, ${formatUsd(cost_usd_max)} at most`),
          flexible: true,
        },
      ],
      all.slice(0, OPEN_LISTED),
      ({ attempt_id }) => [dim(attempt_id)],
    ),
  );
  const more = all.length - Math.min(all.length, OPEN_LISTED) + open_omitted;
  if (more > 0) print(`and ${formatCount(more)} more; --export lists all`);
}
