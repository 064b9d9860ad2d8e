import type { Command } from 'commander';
import type { Label, LearnerStatus } from '../../app/learning.ts';
import { GatewayError } from '../../core/errors.ts';
import { usageError } from '../output/failure.ts';
import { note, print } from '../output/terminal.ts';
import { findConfig, type GlobalOptions } from '../session.ts';

type LearnOptions = GlobalOptions & { readonly jsonl?: boolean; readonly forget?: boolean; readonly json?: boolean };

const USE = 'Pipe them in: signalbox learn --jsonl < outcomes.jsonl';
const HINT = 'Each line is a JSON object: {"prompt": "your question", "failed": true}, or with "weak" and "strong".';

export function addLearn(program: Command): void {
  program
    .command('learn')
    .description(
      'show what routing has learnt here, or teach it: JSON lines { prompt, failed } in, or { prompt, weak, strong }',
    )
    .option(
      '--jsonl',
      'learn from JSON lines on standard input: did a cheap model fail, or did a weak and a strong one succeed?',
    )
    .option('--forget', 'go back to the shipped model')
    .option('--json', 'print what is known as JSON')
    .action(async (_own: unknown, command: Command) => {
      const options = command.optsWithGlobals<LearnOptions>();
      if (options.jsonl && options.forget) throw usageError('Either --jsonl or --forget, not both.', USE);
      if (options.jsonl && process.stdin.isTTY) throw usageError('There is nothing on standard input.', USE);
      await learnOrTell(options);
    });
}

async function learnOrTell(options: LearnOptions): Promise<void> {
  const config = await findConfig(options);
  // Before anything is opened: a mistake in any line leaves all as it was.
  const labels = options.jsonl ? await readOutcomes(process.stdin) : [];
  const { openLearner } = await import('../../app/learning.ts');
  const { learner, close } = await openLearner(config);
  try {
    const isWritten = options.forget ? await learner.forget() : options.jsonl ? await learner.teach(labels) : true;
    if (!isWritten) throw new GatewayError('storage_unavailable', 'The books cannot be written now; nothing changed.');
    const status = learner.status();
    const { enabled } = config.learning;
    if (options.json) print(JSON.stringify(toJson(status, enabled)));
    else print(describe(status));
    if (!enabled) note('signalbox: routing does not go by it yet: set "learning": { "enabled": true }.');
  } finally {
    await close();
  }
}

async function readOutcomes(input: NodeJS.ReadableStream): Promise<readonly Label[]> {
  const { outcomeOf, readJsonLines, textOf } = await import('../read-json-lines.ts');
  const labels: Label[] = [];
  for await (const line of readJsonLines(input, { source: 'standard input', hint: HINT })) {
    const prompt = textOf(line, 'prompt');
    const isPair = !('failed' in line.value) && ('weak' in line.value || 'strong' in line.value);
    // Where both did as well, or as badly, nothing says whether going up pays: one half.
    const failed = isPair ? (1 + outcomeOf(line, 'strong') - outcomeOf(line, 'weak')) / 2 : outcomeOf(line, 'failed');
    labels.push({ prompt, failed });
  }
  if (labels.length === 0) throw usageError('There is nothing on standard input.', HINT);
  return labels;
}

function toJson({ outcomes, trust, learntAtMs }: LearnerStatus, enabled: boolean): object {
  const last = outcomes > 0 && { learnt_at: new Date(learntAtMs).toISOString() };
  return { enabled, outcomes, trust: Math.round(trust * 1_000) / 1_000, ...last };
}

function describe({ outcomes, trust, learntAtMs }: LearnerStatus): string {
  if (outcomes === 0) return 'Nothing was learnt here yet: the shipped model decides alone.';
  const percent = Math.round(trust * 100);
  const last = new Date(learntAtMs).toISOString().slice(0, 10);
  const count = outcomes === 1 ? '1 outcome' : `${outcomes} outcomes`;
  return `${count} learnt, the last on ${last}. In routing they count ${percent} %, by how well each was foretold by those before it.`;
}
