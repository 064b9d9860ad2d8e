import { once } from 'node:events';
import type { Command } from 'commander';
import { usageError } from '../output/failure.ts';

type ScoreOptions = { readonly jsonl?: boolean };

const USE = 'Pipe them in: signalbox score --jsonl < prompts.jsonl > scores.jsonl';

export function addScore(program: Command): void {
  program
    .command('score')
    .description('score prompts by complexity: JSON lines { id, prompt } in, { id, score, tier, strong } out')
    .option('--jsonl', 'read JSON lines from standard input and write JSON lines')
    .action(async (_own: unknown, command: Command) => {
      const { jsonl } = command.optsWithGlobals<ScoreOptions>();
      if (!jsonl) throw usageError('Prompts are scored line by line only, with --jsonl.', USE);
      if (process.stdin.isTTY) throw usageError('There are no prompts on standard input.', USE);
      await scoreLines();
    });
}

/** Keeps the order and holds one line at a time, however long the input and however slow its reader. */
async function scoreLines(): Promise<void> {
  const [{ scorePrompt }, { readPromptLines }] = await Promise.all([
    import('../../app/scoring.ts'),
    import('../score/read-prompt-lines.ts'),
  ]);
  const { stdin, stdout } = process;
  try {
    for await (const { id, prompt } of readPromptLines(stdin)) {
      // Whoever read our output has enough.
      if (stdout.destroyed) return;
      const isFull = !stdout.write(`${JSON.stringify({ id, ...scorePrompt(prompt) })}\n`);
      if (isFull && !stdout.destroyed) await Promise.race([once(stdout, 'drain'), once(stdout, 'close')]);
    }
  } finally {
    // Else a writer that goes on would keep this process alive.
    stdin.destroy();
  }
}
