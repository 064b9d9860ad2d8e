import { homedir } from 'node:os';
import type { Command } from 'commander';
import { findLaunch, withOptions } from '../clients/launch.ts';
import type { Finding } from '../doctor/finding.ts';
import { startProgress } from '../output/progress.ts';
import { bad, bold, dim, doubtful, good, print, printable, printJson } from '../output/terminal.ts';
import type { GlobalOptions } from '../session.ts';

type DoctorOptions = GlobalOptions & { readonly json?: boolean };

const STYLES = { ok: good, warn: doubtful, fail: bad } as const satisfies Record<
  Finding['state'],
  (text: string) => string
>;

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description(
      'check Node, configuration, database, keys (by free calls only) and clients; exit code 1 when a check fails',
    )
    .option('--json', 'print the findings as JSON')
    .action(async (_own: unknown, command: Command) => {
      const { json, ...options } = command.optsWithGlobals<DoctorOptions>();
      const progress = startProgress('examining');
      const machine = { platform: process.platform, homeDir: homedir(), env: process.env };
      const { examine } = await import('../doctor/examine.ts');
      const { findings, configFile } = await examine(options, machine).finally(progress.stop);
      if (findings.some(({ state }) => state === 'fail')) process.exitCode = 1;
      if (json) return printJson({ findings });
      for (const finding of findings) show(finding);
      // One that was named and is broken is mended, and still the one that is meant.
      await showSnippets({ ...options, config: configFile ?? options.config });
    });
}

function show({ state, about, message, remedy }: Finding): void {
  const indented = printable(message).replaceAll('\n', '\n      ');
  print(`${STYLES[state](state.padEnd(4))}  ${bold(about)}: ${indented}`);
  if (remedy !== undefined) print(`      ${dim(remedy)}`);
}

async function showSnippets(options: GlobalOptions): Promise<void> {
  const [{ renderSnippets, SERVE_HINT }, { KNOWN_PROVIDERS }] = await Promise.all([
    import('../clients/clients.ts'),
    import('../init/choices.ts'),
  ]);
  const keyNames = KNOWN_PROVIDERS.flatMap((provider) => provider.keyNames.filter((name) => process.env[name]?.trim()));
  const machine = { platform: process.platform, homeDir: homedir(), env: process.env };
  print(`\n${bold('To add Signalbox to a client')}\n`);
  print(renderSnippets(withOptions(findLaunch(), options, machine.homeDir), keyNames, machine));
  print(`\n${SERVE_HINT}`);
}
