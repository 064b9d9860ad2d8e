import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { COST_GROUPS, PERIODS, type Period, toCostGroup } from '../../core/costs.ts';
import type { Span } from '../../mcp/arguments/period.ts';
import type { CostReportOutput } from '../../mcp/rendering/cost-report.ts';
import { runToolCommand, type ToolCommandOptions } from '../call-tool.ts';
import type { Grouping } from '../costs/show-costs.ts';
import { usageError } from '../output/failure.ts';
import { note } from '../output/terminal.ts';
import type { Session } from '../session.ts';

type CostOptions = ToolCommandOptions & {
  readonly period?: Period;
  readonly from?: string;
  readonly to?: string;
  readonly groupBy?: string;
  readonly baseline?: string;
  readonly tenant?: string;
  readonly csv?: string;
  readonly export?: string;
};

export function addCosts(program: Command): void {
  program
    .command('costs')
    .description('show what was spent, what the cache saved, and how budgets stand')
    .addOption(new Option('--period <period>', 'how far back; today by default').choices(PERIODS))
    .option('--from <date>', 'instead of a period: from this ISO date or time, UTC')
    .option('--to <date>', 'up to this date or time')
    .option('--group-by <field>', `one row for each: ${COST_GROUPS.join(', ')} or metadata.<name>`, parseGroup)
    .option('--baseline <model>', 'what the same traffic would have cost on this model')
    .option(
      '--tenant <name>',
      'only of this token of "signalbox serve", or "local" for stdio and the shell',
      tenantValue,
    )
    .option('--csv <file>', 'write every request, attempt and correction to a file for spreadsheets', fileValue)
    .option('--export <file>', 'the same as JSON', fileValue)
    .option('--json', 'print what the tool reports as JSON')
    .action(async (_own: unknown, command: Command) => {
      const options = command.optsWithGlobals<CostOptions>();
      const { from, to, period, groupBy, baseline, tenant, csv, json } = options;
      if (csv !== undefined && options.export !== undefined && resolve(csv) === resolve(options.export)) {
        throw usageError('--csv and --export name the same file.', 'Give each a file of its own.');
      }
      const [{ toSpan }, { timeUnitOf }] = await Promise.all([
        import('../../mcp/arguments/period.ts'),
        import('../costs/time-bars.ts'),
      ]);
      const span = toSpan({ from, to, period }, Date.now());
      const grouping: Grouping = groupBy === undefined ? { chart: timeUnitOf(span) } : { by: groupBy };
      const shownBy = 'by' in grouping ? grouping.by : grouping.chart;
      await runToolCommand<CostReportOutput>(options, {
        tool: 'cost_report',
        arguments: { period, from, to, group_by: json ? groupBy : shownBy, baseline },
        tenant,
        label: 'adding up',
        isOfBooks: true,
        before: async (session) => {
          if (tenant !== undefined) await (await import('../costs/check-tenant.ts')).checkTenant(tenant, session, span);
          await exportTo(options, session, span);
        },
        show: async (report) => (await import('../costs/show-costs.ts')).showCosts(report, grouping),
      });
    });
}

async function exportTo({ csv, export: json, tenant }: CostOptions, session: Session, span: Span): Promise<void> {
  const files = [
    { format: 'csv', path: csv },
    { format: 'json', path: json },
  ] as const;
  for (const { format, path } of files) {
    if (path === undefined) continue;
    const { exportCosts } = await import('../costs/export-costs.ts');
    const { app, signal } = session;
    const rows = app.gateway.costRows({ ...span, ...(tenant !== undefined && { tenant }) });
    const sums = await exportCosts({ path, format, ...span, rows, signal });
    const { formatPlural } = await import('../../mcp/rendering/format.ts');
    session.progress.stop();
    note(`${path}: ${formatPlural(sums.requests, 'request')}, ${formatPlural(sums.attempts, 'attempt')}`);
  }
}

function tenantValue(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It is empty; leave the option out for all tenants.');
  return text;
}

function fileValue(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It is empty; name a file.');
  // Elsewhere that is standard output, where the report goes.
  if (text === '-') throw new InvalidArgumentError('It must be a file; one of that name is "./-".');
  return text;
}

function parseGroup(text: string): string {
  if (toCostGroup(text) === undefined) {
    throw new InvalidArgumentError(`It must be one of ${COST_GROUPS.join(', ')} or metadata.<name>.`);
  }
  return text;
}
