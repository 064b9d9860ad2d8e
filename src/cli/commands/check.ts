import type { Command } from 'commander';
import type { LoadedConfig } from '../../config/load-config.ts';
import { TIERS } from '../../core/request.ts';
import { formatPlural } from '../../mcp/rendering/format.ts';
import { budgetLine, type LimitLine, rateLine } from '../output/quota-words.ts';
import { bold, dim, doubtful, good, print, printJson } from '../output/terminal.ts';
import { findConfig, type GlobalOptions } from '../session.ts';

export function addCheck(program: Command): void {
  program
    .command('check')
    .description('validate the configuration and show what it comes to; exit code 2 and the place when it is wrong')
    .option('--json', 'print it as JSON')
    .action(async (_own: unknown, command: Command) => {
      const { json, ...options } = command.optsWithGlobals<GlobalOptions & { readonly json?: boolean }>();
      const config = await findConfig(options);
      if (json) printJson(toOutput(config));
      else await show(config);
    });
}

function toOutput(config: LoadedConfig): object {
  const { source, dataDir, configHash, providers, routing, tools, warnings } = config;
  return {
    source,
    data_dir: dataDir,
    config_hash: configHash,
    strategy: routing.strategy,
    providers: providers.map(({ id, kind, status, baseUrl, keys }) => ({
      id,
      kind,
      status,
      ...(baseUrl !== undefined && { base_url: baseUrl }),
      keys: keys.map(({ name }) => name),
    })),
    tiers: routing.tiers,
    tasks: routing.tasks,
    fallback: routing.fallback,
    aliases: routing.aliases,
    budgets: config.budgets.map(budgetLine),
    rate_limits: config.rateLimits.map(rateLine),
    tools: tools.enabled,
    warnings,
  };
}

type List = { readonly name: string; readonly models: readonly string[] };

async function show(config: LoadedConfig): Promise<void> {
  const { renderPairs, renderTable } = await import('../output/table.ts');
  const { source, dataDir, providers, routing, tools, cache, warnings } = config;
  const fromFile = source !== 'environment';
  print(
    renderPairs([
      ['configuration', fromFile ? source : 'none found: providers come from the environment'],
      ['data folder', dataDir],
      ['strategy', routing.strategy],
      ['cache', cache.enabled ? `on, answers are kept for ${formatSpan(cache.ttlMs)}` : 'off'],
      ['tools', tools.enabled.join(', ')],
    ]),
  );
  if (providers.length > 0) {
    print('');
    print(
      renderTable(
        [
          { head: 'provider', cell: ({ id }) => id },
          { head: 'kind', cell: ({ kind }) => kind },
          { head: 'state', cell: ({ status }) => (status === 'configured' ? good(status) : dim(status)) },
          { head: 'keys', cell: ({ keys }) => keys.map(({ name }) => name).join(', ') },
          {
            head: 'address',
            cell: ({ baseUrl, status }) => baseUrl ?? (status === 'disabled' ? '' : 'the usual'),
            flexible: true,
          },
        ],
        providers,
      ),
    );
  }
  const lists: readonly List[] = [
    ...TIERS.map((tier) => ({ name: `tier ${tier}`, models: routing.tiers[tier] })),
    ...Object.entries(routing.tasks).map(([task, models]) => ({ name: `task ${task}`, models })),
    { name: 'fallback', models: routing.fallback },
    ...Object.entries(routing.aliases).map(([alias, model]) => ({ name: `alias ${alias}`, models: [model] })),
  ];
  print('');
  if (lists.some(({ models }) => models.length > 0)) {
    const models = { head: 'models, in order', cell: (list: List) => list.models.join(', ') || dim('none') };
    print(
      renderTable<List>(
        [
          { head: 'list', cell: ({ name }) => name },
          { ...models, flexible: true },
        ],
        lists,
      ),
    );
    print('');
  } else if (providers.some(({ status }) => status === 'configured')) {
    print('No model is listed: name those of your providers under "routing.tiers".\n');
  }
  const limits = [...config.budgets.map(budgetLine), ...config.rateLimits.map(rateLine)];
  if (limits.length > 0) print(`${renderTable(LIMIT_COLUMNS, limits)}\n`);
  for (const warning of warnings) print(`${doubtful('warning')}  ${warning}`);
  if (fromFile) print(bold('The configuration is valid.'));
  else if (providers.length > 0) print(bold('This is what Signalbox works with.'));
}

const LIMIT_COLUMNS = [
  { head: 'limit', cell: ({ name }: LimitLine) => name },
  { head: 'for', cell: ({ scope }: LimitLine) => scope },
  { head: 'at most', cell: ({ limit }: LimitLine) => limit },
  { head: 'each', cell: ({ window }: LimitLine) => window },
  { head: 'reached', cell: ({ reached }: LimitLine) => reached, flexible: true },
];

/** `7 days`, `12 h`, `90 s`: in the largest unit that leaves no rest. */
function formatSpan(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds % 86_400 === 0) return formatPlural(seconds / 86_400, 'day');
  return seconds % 3_600 === 0 ? `${seconds / 3_600} h` : `${seconds} s`;
}
