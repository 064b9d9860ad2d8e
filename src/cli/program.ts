import { Command, InvalidArgumentError } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { addAsk } from './commands/ask.ts';
import { addCheck } from './commands/check.ts';
import { addCosts } from './commands/costs.ts';
import { addDemo } from './commands/demo.ts';
import { addDoctor } from './commands/doctor.ts';
import { addInit } from './commands/init.ts';
import { addLearn } from './commands/learn.ts';
import { addLog } from './commands/log.ts';
import { addModels } from './commands/models.ts';
import { addReconcile } from './commands/reconcile.ts';
import { addRoute } from './commands/route.ts';
import { addScore } from './commands/score.ts';
import { addServe } from './commands/serve.ts';
import { addStatus } from './commands/status.ts';
import type { GlobalOptions } from './session.ts';
import { refuseUnknownCommand } from './usage.ts';

/** Every command, in the order help shows them. A new one is one file and one line here. */
const COMMANDS = [
  addServe,
  addAsk,
  addRoute,
  addStatus,
  addCosts,
  addModels,
  addLog,
  addReconcile,
  addScore,
  addLearn,
  addCheck,
  addInit,
  addDoctor,
  addDemo,
];

/** The command line. What a command needs is loaded when it runs, not here. */
export function createProgram(): Command {
  const program = new Command('signalbox')
    .description('An MCP server that gives every agent every model. Without a command: the MCP server on stdio.')
    .version(packageJson.version, '-V, --version', 'print the version')
    .option('--config <file>', 'the configuration, instead of the one that would be found', pathValue)
    .option('--data-dir <folder>', 'where books, cache and health are kept', pathValue)
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help for a command')
    .configureHelp({ showGlobalOptions: true })
    // Messages are ours: one sentence, then what to do.
    .configureOutput({ outputError: () => undefined })
    .exitOverride()
    .usage('[options] [command]')
    .argument('[command]')
    .action(async (command: string | undefined, options: GlobalOptions) => {
      if (command !== undefined) refuseUnknownCommand(command, program);
      const { serveStdio } = await import('./commands/stdio.ts');
      await serveStdio(options);
    });
  for (const add of COMMANDS) add(program);
  // Not before: the commands would inherit it, and drop half of a prompt without quotes.
  return program.allowExcessArguments();
}

/**
 * The value of `--config --json` was forgotten: the parser would take the next option for a path. That of
 * `--data-dir "$UNSET"` is lost: the usual folder in its place would be somebody else's books.
 */
function pathValue(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It is empty; give a path, or leave the option out.');
  if (text.startsWith('--')) throw new InvalidArgumentError(`It looks like an option; a path would be ./${text}.`);
  return text;
}
