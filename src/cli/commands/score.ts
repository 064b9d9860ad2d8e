import { once } from 'node:events';
import type { Command } from 'commander';
import { usageError } from '../output/failure.ts';

type ScoreOptions = { readonly jsonl?: boolean; readonly fit?: string };

const USE = 'Pipe them in: signalbox score --jsonl < prompts.jsonl > scores.jsonl';

export function addScore(program: Command): void {
  program
    .command('score')
    .description('score prompts by complexity: JSON lines { id, prompt } in, { id, score, tier, strong } out')
    .option('--jsonl', 'read JSON lines from standard input and write JSON lines')
    .option('--fit <labels>', 'score for one pair of models: fit to a file of JSON lines { prompt, weak, strong }')
    .action(async (_own: unknown, command: Command) => {
      const { jsonl, fit } = command.optsWithGlobals<ScoreOptions>();
      if (!jsonl) throw usageError('Prompts are scored line by line only, with --jsonl.', USE);
      if (process.stdin.isTTY) throw usageError('There are no prompts on standard input.', USE);
      await scoreLines(fit);
    });
}

/** Keeps the order and holds one line at a time, however long the input and however slow its reader. */
async function scoreLines(labelsFile: string | undefined): Promise<void> {
  const { readPromptLines } = await import('../score/read-prompt-lines.ts');
  const score = await loadScorer(labelsFile);
  const { stdin, stdout } = process;
  try {
    for await (const { id, prompt } of readPromptLines(stdin)) {
      // Whoever read our output has enough.
      if (stdout.destroyed) return;
      const isFull = !stdout.write(`${JSON.stringify({ id, ...score(prompt) })}\n`);
      if (isFull && !(await untilWritable(stdout))) return;
    }
  } finally {
    // Else a writer that goes on would keep this process alive.
    stdin.destroy();
  }
}

async function loadScorer(labelsFile: string | undefined): Promise<(prompt: string) => object> {
  const { fitScoring, scorePrompt } = await import('../../app/scoring.ts');
  if (labelsFile === undefined) return scorePrompt;
  const { readLabels } = await import('../score/read-labels.ts');
  return fitScoring(await readLabels(labelsFile));
}

/** Waits until the reader took what was written; false when it went away, which is no failure. */
async function untilWritable(stdout: NodeJS.WriteStream): Promise<boolean> {
  if (stdout.destroyed) return false;
  try {
    await Promise.race([once(stdout, 'drain'), once(stdout, 'close')]);
    return !stdout.destroyed;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error;
    return false;
  }
}
