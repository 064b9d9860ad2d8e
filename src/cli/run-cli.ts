import { parseArgs } from 'node:util';
import { askDnsOften } from './ask-dns-often.ts';
import { letMemoryGrow } from './memory.ts';
import type { GlobalOptions } from './session.ts';

/**
 * Runs the command line and sets the exit code. The MCP server, which clients start again and
 * again and wait for, is reached without loading the parser and the commands.
 */
export async function runCli(argv: readonly string[]): Promise<void> {
  askDnsOften();
  const stdioOptions = parseStdioOptions(argv);
  try {
    if (stdioOptions) {
      const { serveStdio } = await import('./commands/stdio.ts');
      await serveStdio(stdioOptions);
    } else {
      await runCommand(argv);
    }
  } catch (error) {
    const { reportFailure } = await import('./output/failure.ts');
    const options = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
    process.exitCode = reportFailure(error, { json: options.includes('--json') });
  }
}

async function runCommand(argv: readonly string[]): Promise<void> {
  letMemoryGrow();
  // A disk that has no room for what we say, or nobody who reads it, is no reason to do less.
  process.stderr.on('error', () => undefined);
  // Whoever reads our output may stop at any time (`signalbox log | head`); that is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    process.stderr.write(`signalbox: standard output cannot be written (${error.code}).\n`);
    process.exitCode = 1;
  });
  const [{ CommanderError }, { createProgram }, { checkHelpTopic, toUsageError }] = await Promise.all([
    import('commander'),
    import('./program.ts'),
    import('./usage.ts'),
  ]);
  const program = createProgram();
  checkHelpTopic(argv, program);
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and the version end the parser by an error that is none.
    if (error.exitCode !== 0) throw toUsageError(error, program);
  }
}

/** The options of a command line that names no command; undefined for any other. */
function parseStdioOptions(argv: readonly string[]): GlobalOptions | undefined {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: { config: { type: 'string' }, 'data-dir': { type: 'string' } },
      allowPositionals: false,
    });
    const options = { config: values.config, dataDir: values['data-dir'] };
    // What is empty is refused where all other mistakes are.
    return Object.values(options).some((path) => path?.trim() === '') ? undefined : options;
  } catch {
    return undefined;
  }
}
