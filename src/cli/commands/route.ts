import type { Command } from 'commander';
import type { RoutePreviewOutput } from '../../mcp/tools/route-preview.ts';
import { runToolCommand } from '../call-tool.ts';
import { addChatOptions, type ChatOptions, chatArguments } from '../chat-options.ts';
import { note, print } from '../output/terminal.ts';

type Check = NonNullable<RoutePreviewOutput['verify']>;

export function addRoute(program: Command): void {
  addChatOptions(
    program.command('route').description('show which model "ask" would choose now, and why; calls nobody'),
  ).action(async (prompt: string | undefined, _own: unknown, command: Command) => {
    const options = command.optsWithGlobals<ChatOptions>();
    await runToolCommand<RoutePreviewOutput>(options, {
      tool: 'route_preview',
      arguments: await chatArguments(prompt, 'route', options),
      label: 'deciding',
      show,
    });
  });
}

async function show(decision: RoutePreviewOutput): Promise<void> {
  const [{ foreign, renderPairs, renderTable }, { formatUsd }] = await Promise.all([
    import('../output/table.ts'),
    import('../../core/wording/format-usd.ts'),
  ]);
  const usd = (amount: number | null) => (amount === null ? 'unknown' : formatUsd(amount));
  const { tier, strategy, reason, candidates, rejected, verify, cached } = decision;
  const pairs: (readonly [string, string])[] = [
    ['tier', tier ?? 'not judged'],
    ['strategy', strategy],
    ['why', foreign(reason)],
    ['cached', cached ? 'yes, "ask" would answer from the cache' : 'no'],
    ...(verify ? checkPairs(verify, usd) : []),
  ];
  print(renderPairs(pairs));
  if (candidates.length > 0) {
    print('');
    print(
      renderTable(
        [
          { head: '#', cell: ({ place }) => String(place), align: 'right' },
          { head: 'model', cell: ({ model }) => model },
          { head: 'expected', cell: (row) => usd(row.cost_usd_expected), align: 'right' },
          { head: 'at most', cell: (row) => usd(row.cost_usd_max), align: 'right' },
          { head: 'why', cell: (row) => foreign(row.reason), flexible: true },
        ],
        candidates.map((candidate, index) => ({ ...candidate, place: index + 1 })),
      ),
    );
  }
  if (candidates.length + rejected.length === 0) note('signalbox: "signalbox check" shows what is configured.');
  if (rejected.length === 0) return;
  print('');
  print(
    renderTable(
      [
        { head: 'not', cell: ({ model }) => model },
        { head: 'why', cell: (row) => foreign(row.reason), flexible: true },
      ],
      rejected,
    ),
  );
}

function checkPairs(verify: Check, usd: (amount: number | null) => string): (readonly [string, string])[] {
  const { peer, stronger, cost_usd_expected: holds, cost_usd_doubted: doubted, cost_usd_max: most } = verify;
  return [
    ['checked', peer === undefined ? 'yes' : `yes, beside ${peer}`],
    ['when doubted', stronger.join(', ')],
    ['in all', `${usd(holds)} expected, ${usd(doubted)} when doubted, ${usd(most)} at most`],
  ];
}
