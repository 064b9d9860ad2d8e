import type { Command } from 'commander';
import { GatewayError } from '../../core/errors.ts';
import { formatUsd } from '../../core/wording/format-usd.ts';
import type { DemoAnswer, DemoAttempt, DemoReport, DemoRow } from '../../demo/run-demo.ts';
import { findLauncher } from '../clients/launch.ts';
import { startProgress } from '../output/progress.ts';
import { bold, dim, good, print } from '../output/terminal.ts';
import { watchInterrupts } from '../session.ts';

const SIMULATED = 'The providers are simulated: they run on this machine, and nothing leaves it.';

export function addDemo(program: Command): void {
  program
    .command('demo')
    .description('show the whole job with simulated providers: no key, no network, no configuration needed')
    .action(async () => {
      const startedAtMs = performance.now();
      const { runDemo } = await import('../../demo/run-demo.ts');
      print(bold('Signalbox demo'));
      print(`${SIMULATED}\nThe server is the real one, driven by a real MCP client over stdio.\n`);
      const interrupts = watchInterrupts();
      const progress = startProgress('starting');
      try {
        const launch = { command: process.execPath, args: [launcherFile()] };
        const { report, problems } = await runDemo({ launch, signal: interrupts.signal, onStep: progress.update });
        progress.stop();
        await show(report);
        if (problems.length > 0) {
          throw new GatewayError('internal', `The demo did not come out as it must: ${problems.join('; ')}.`);
        }
        const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
        print(`${good('Everything came out as it must')}, books included, in ${seconds} s.\n${SIMULATED}`);
      } catch (error) {
        if (!interrupts.signal.aborted) throw error;
        throw new GatewayError('cancelled', 'The demo was cancelled.', {
          cause: interrupts.by() ?? error,
          hint: 'Run it again at any time.',
        });
      } finally {
        progress.stop();
        interrupts.stop();
      }
    });
}

function launcherFile(): string {
  const file = findLauncher();
  if (file === undefined) throw new GatewayError('internal', 'The launcher bin/signalbox.cjs is missing.');
  return file;
}

async function show({ answers, repeat, replaced, failingProvider, costs, vendorBooks }: DemoReport): Promise<void> {
  const [{ renderTable }, { formatCount }, { attemptLine }] = await Promise.all([
    import('../output/table.ts'),
    import('../../mcp/rendering/format.ts'),
    import('../output/attempt-line.ts'),
  ]);
  const toLine = ({ latency_ms: latencyMs, ...facts }: DemoAttempt, index: number) =>
    dim(`${index + 1}. ${attemptLine({ ...facts, latencyMs })}`);
  const usd = (amount: number | null) => (amount === null ? 'unknown' : formatUsd(amount));
  const tokens = ({ usage }: DemoAnswer) => `${formatCount(usage.input_tokens)} / ${formatCount(usage.output_tokens)}`;
  const answerTable = (rows: readonly DemoRow[], details: (row: DemoRow) => readonly string[]) =>
    renderTable<DemoRow>(
      [
        { head: 'tier', cell: ({ answer }) => answer.tier ?? '' },
        { head: 'model', cell: ({ answer }) => answer.model },
        { head: 'in / out', cell: ({ answer }) => tokens(answer), align: 'right' },
        { head: 'cost', cell: ({ answer }) => usd(answer.cost_usd), align: 'right' },
        { head: 'latency', cell: ({ answer }) => `${formatCount(answer.latency_ms)} ms`, align: 'right' },
      ],
      rows,
      details,
    );

  print(bold('Five requests, from trivial to expert: each gets the model that fits'));
  print(answerTable(answers, ({ prompt, answer }) => [`"${prompt}"`, dim(`why: ${answer.route.reason}`)]));
  print('');
  print(bold('One of them again: from the cache'));
  print(answerTable([repeat], ({ prompt }) => [`"${prompt}"`, dim('answered without asking a provider')]));
  print('');
  print(bold(`And once more, asked anew, while ${failingProvider} is down: another model stands in`));
  print(answerTable([replaced], ({ prompt, answer }) => [`"${prompt}"`, ...(answer.attempts ?? []).map(toLine)]));
  print('');
  print(bold('What it cost'));
  print(
    renderTable(
      [
        { head: 'model', cell: ({ key }) => key },
        { head: 'requests', cell: (row) => formatCount(row.requests), align: 'right' },
        { head: 'failed attempts', cell: (row) => formatCount(row.failed_attempts), align: 'right' },
        {
          head: 'in / out',
          cell: (row) => `${formatCount(row.input_tokens)} / ${formatCount(row.output_tokens)}`,
          align: 'right',
        },
        { head: 'cost', cell: (row) => formatUsd(row.cost_usd), align: 'right' },
      ],
      [...costs.groups, { ...costs.totals, key: bold('all') }],
    ),
  );
  print(`The cache saved ${formatUsd(costs.totals.saved_by_cache_usd)}. Prices are the real ones of these models.`);
  const counted = `${formatCount(vendorBooks.requests)} requests and ${formatCount(vendorBooks.inputTokens + vendorBooks.outputTokens)} tokens`;
  print(`The simulated providers themselves counted ${counted}.\n`);
}
