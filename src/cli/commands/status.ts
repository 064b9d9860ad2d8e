import type { Command } from 'commander';
import type { ProviderStatusOutput } from '../../mcp/tools/provider-status.ts';
import { runToolCommand, type ToolCommandOptions } from '../call-tool.ts';
import { bad, dim, doubtful, good, oneLine, print } from '../output/terminal.ts';
import { toUtcSecond } from '../output/utc-second.ts';

type StatusOptions = ToolCommandOptions & { readonly provider?: string; readonly probe?: boolean };

type ProviderRow = ProviderStatusOutput['providers'][number];

export function addStatus(program: Command): void {
  program
    .command('status')
    .description('show how each provider does: health, success rate, latency, rests, keys')
    .option('--provider <provider>', 'only this one')
    .option('--probe', 'ask each provider for its free model list now')
    .option('--json', 'print what the tool reports as JSON')
    .action(async (_own: unknown, command: Command) => {
      const options = command.optsWithGlobals<StatusOptions>();
      await runToolCommand<ProviderStatusOutput>(options, {
        tool: 'provider_status',
        arguments: { provider: options.provider, probe: options.probe },
        label: 'asking the providers',
        show,
      });
    });
}

async function show({ providers }: ProviderStatusOutput, text: string): Promise<void> {
  // Without a provider the tool's text says what to do about it.
  if (providers.length === 0) return print(text);
  const { renderTable } = await import('../output/table.ts');
  const ms = (value: number | undefined) => (value === undefined ? '' : `${Math.round(value)} ms`);
  print(
    renderTable(
      [
        { head: 'provider', cell: ({ id }) => id },
        { head: 'kind', cell: ({ kind }) => kind },
        { head: 'status', cell: ({ status }) => STYLES[status](status) },
        { head: 'requests', cell: ({ requests }) => String(requests), align: 'right' },
        {
          head: 'success',
          cell: ({ success_rate: rate }) => (rate === undefined ? '' : percent(rate)),
          align: 'right',
        },
        { head: 'p50', cell: (row) => ms(row.latency_ms?.p50), align: 'right' },
        { head: 'p95', cell: (row) => ms(row.latency_ms?.p95), align: 'right' },
        { head: 'notes', cell: (row) => notesOf(row).join(' · '), flexible: true },
      ],
      providers,
    ),
  );
  print(dim('Figures of the last 24 hours, from all processes that share the data folder.'));
}

const STYLES = {
  healthy: good,
  degraded: doubtful,
  down: bad,
  unconfigured: dim,
  disabled: dim,
  unknown: dim,
} as const satisfies Record<ProviderRow['status'], (text: string) => string>;

function percent(rate: number): string {
  return `${(rate * 100).toFixed(1)}%`;
}

function notesOf(row: ProviderRow): readonly string[] {
  const { breaker, cooldown_until: restsUntil, keys = [], probed_models: listed, last_error: lastError } = row;
  return [
    ...(breaker === 'closed' ? [] : [`breaker ${breaker}`]),
    ...(restsUntil === undefined ? [] : [`rests until ${toUtcSecond(restsUntil)} UTC`]),
    ...keys
      .filter(({ status }) => status !== 'ready')
      .map(({ name, status, reason }) => `key ${name} ${status}${reason === undefined ? '' : ` (${reason})`}`),
    ...(listed === undefined ? [] : [`lists ${listed} models`]),
    ...(lastError === undefined
      ? []
      : [`last error at ${toUtcSecond(lastError.at)} UTC, ${lastError.code}: ${oneLine(lastError.message)}`]),
  ];
}
