import { type Command, Option } from 'commander';
import { COST_GROUPS } from '../../core/costs.ts';
import { formatUsd } from '../../core/format-usd.ts';
import { formatPlural } from '../../mcp/rendering/format.ts';
import { runToolCommand, type ToolCommandOptions } from '../call-tool.ts';
import { print } from '../output/terminal.ts';

type CostOptions = ToolCommandOptions & {
  readonly period?: string;
  readonly from?: string;
  readonly to?: string;
  readonly groupBy?: string;
  readonly baseline?: string;
  readonly tenant?: string;
};

type Totals = {
  readonly requests: number;
  readonly attempts: number;
  readonly failed_attempts: number;
  readonly cache_hits: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cost_usd: number;
  readonly saved_by_cache_usd: number;
  readonly unpriced_requests: number;
};

type Report = {
  readonly from: string;
  readonly to: string;
  readonly totals: Totals;
  readonly groups: readonly (Totals & { readonly key: string })[];
  readonly baseline?: { readonly model: string; readonly cost_usd: number; readonly saved_usd: number };
};

/** As the tool's; a test compares. */
export const PERIODS = ['today', '24h', '7d', '30d', 'month', 'all'] as const;

export function addCosts(program: Command): void {
  program
    .command('costs')
    .description('show what was spent and what the cache saved')
    .addOption(new Option('--period <period>', 'how far back; today by default').choices(PERIODS))
    .option('--from <date>', 'instead of a period: from this ISO date or time, UTC')
    .option('--to <date>', 'up to this date or time')
    .addOption(new Option('--group-by <field>', 'one row for each').choices(COST_GROUPS))
    .option('--baseline <model>', 'what the same traffic would have cost on this model')
    .option('--tenant <name>', 'only of this token of "signalbox serve", or "local" for stdio and the shell')
    .option('--json', 'print what the tool reports as JSON')
    .action(async (_own: unknown, command: Command) => {
      const options = command.optsWithGlobals<CostOptions>();
      const { period, from, to, groupBy, baseline, tenant } = options;
      await runToolCommand<Report>(options, {
        tool: 'cost_report',
        arguments: { period, from, to, group_by: groupBy, baseline },
        tenant,
        label: 'adding up',
        show: (report) => show(report, groupBy),
      });
    });
}

async function show({ from, to, totals, groups, baseline }: Report, groupBy: string | undefined): Promise<void> {
  const [{ foreign, renderPairs, renderTable }, { formatCount }] = await Promise.all([
    import('../output/table.ts'),
    import('../../mcp/rendering/format.ts'),
  ]);
  const pairs: (readonly [string, string])[] = [
    ['from', from],
    ['to', to],
    ['spent', formatUsd(totals.cost_usd)],
    ['saved by cache', formatUsd(totals.saved_by_cache_usd)],
    ['requests', `${formatCount(totals.requests)}, ${formatCount(totals.cache_hits)} from the cache`],
    ['attempts', `${formatCount(totals.attempts)}, ${formatCount(totals.failed_attempts)} failed`],
    ['tokens', `${formatCount(totals.input_tokens)} in, ${formatCount(totals.output_tokens)} out`],
  ];
  if (totals.unpriced_requests > 0) {
    pairs.push(['price unknown', `${formatCount(totals.unpriced_requests)} requests, not in the sum`]);
  }
  if (baseline !== undefined) {
    const saved = baseline.saved_usd;
    const verdict = saved >= 0 ? `${formatUsd(saved)} saved` : `${formatUsd(-saved)} more spent`;
    pairs.push([`on ${baseline.model}`, `${formatUsd(baseline.cost_usd)}, so ${verdict}`]);
  }
  print(renderPairs(pairs));
  if (groupBy === undefined) return;
  print('');
  if (groups.length === 0) return print(`Nothing to group by ${groupBy}.`);
  print(
    renderTable(
      [
        { head: groupBy, cell: ({ key }) => foreign(key) || '(none)' },
        { head: 'spent', cell: (row) => formatUsd(row.cost_usd), align: 'right' },
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
