import { type Command, Option } from 'commander';
import { CAPABILITIES } from '../../core/model.ts';
import type { ListModelsOutput } from '../../mcp/tools/list-models.ts';
import { runToolCommand, type ToolCommandOptions } from '../call-tool.ts';
import { dim, print } from '../output/terminal.ts';

type ModelOptions = ToolCommandOptions & {
  readonly provider?: string;
  readonly capability?: string;
  readonly query?: string;
};

type ModelRow = ListModelsOutput['models'][number];

export function addModels(program: Command): void {
  program
    .command('models')
    .description('list the models there are to choose from, with prices, windows and tiers')
    .option('--provider <provider>', 'only of this one')
    .addOption(new Option('--capability <capability>', 'only those that can').choices(CAPABILITIES))
    .option('--query <text>', 'only names that hold this')
    .option('--json', 'print what the tool reports as JSON')
    .action(async (_own: unknown, command: Command) => {
      const options = command.optsWithGlobals<ModelOptions>();
      const { provider, capability, query } = options;
      await runToolCommand<ListModelsOutput>(options, {
        tool: 'list_models',
        arguments: { provider, capability, query },
        label: 'reading the catalogue',
        show,
      });
    });
}

async function show({ models }: ListModelsOutput, text: string): Promise<void> {
  // Without a model the tool's text says why.
  if (models.length === 0) return print(text);
  const [{ renderTable }, { formatUsd }] = await Promise.all([
    import('../output/table.ts'),
    import('../../core/wording/format-usd.ts'),
  ]);
  print(
    renderTable(
      [
        { head: 'model', cell: ({ model }) => model },
        { head: 'window', cell: (row) => formatWindow(row.context_tokens), align: 'right' },
        { head: 'in', cell: ({ price }) => (price ? formatUsd(price.input_per_mtok) : '?'), align: 'right' },
        { head: 'out', cell: ({ price }) => (price ? formatUsd(price.output_per_mtok) : '?'), align: 'right' },
        { head: 'tiers', cell: ({ tiers }) => tiers.join(', '), flexible: true },
        { head: 'can', cell: abilities, flexible: true },
      ],
      models,
    ),
  );
  print(dim('Window in tokens; prices in USD for a million of them, ? is unknown.'));
}

/** `8k`, `131k`, `1.05M`: of the width of a column. */
function formatWindow(tokens: number): string {
  if (tokens < 1_000) return String(tokens);
  return tokens < 1_000_000 ? `${Math.floor(tokens / 1_000)}k` : `${Math.floor(tokens / 10_000) / 100}M`;
}

function abilities({ available, capabilities }: ModelRow): string {
  return [...(available ? [] : ['(not now)']), capabilities.join(', ')].join(' ').trim();
}
