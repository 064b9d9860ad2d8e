import type { ModelWeights } from './agreement.ts';
import type { Row } from './data.ts';
import { meanOf } from './mean-of.ts';

/** Small or old models: what a cheap tier holds. */
const CHEAP = new Set([
  'mixtral-8x7b-instruct',
  'Mixtral-8x7B-Instruct-v0.1',
  'gpt-3.5-turbo-0125',
  'claude-3-haiku-20240307',
  'Meta-Llama-3-8B-Instruct',
  'Meta-Llama-3.1-8B-Instruct',
  'Meta-Llama-3_1-8B-Instruct',
  'gemma-2-9b-it',
  'gemini-1.5-flash',
  'gpt-4o-mini-2024-07-18',
  'Phi-3-mini-4k-instruct',
  'Mistral-7B-Instruct-v0.2',
  'c4ai-command-r-v01',
  'mistral-7b-instruct-v0.3',
  'llama-3.1-8b-instruct',
  'qwen2.5-7b-instruct',
  'codegemma-7b',
  'llama3-chatqa-1.5-8b',
]);

/** Models that a stronger tier would have held beside them. */
const STRONG = new Set([
  'gpt-4-1106-preview',
  'claude-3-5-sonnet-20240620',
  'gpt-4o-2024-05-13',
  'o1-mini-2024-09-12',
  'Llama-3.1-405B-Inst@sambanova',
  'Meta-Llama-3.1-70B-Instruct',
  'Meta-Llama-3_1-70B-Instruct',
  'gemini-1.5-pro',
  'gemini-1.5-pro-002',
  'gemini-1.5-flash-002',
  'deepseek-v2-chat-0628',
  'llama-3.1-nemotron-51b-instruct',
  'llama-3.3-nemotron-super-49b-v1',
]);

/** A gap smaller than this between two models leaves nothing to route for. */
const GAP_MIN = 0.1;

export type Strength = 'cheap' | 'strong';

/**
 * The share of the cheap, or of the strong, models with a record that failed; scores between count
 * in part. With weights a model counts by its own, where any of them has one.
 */
export function failureShare({ outcomes }: Pick<Row, 'outcomes'>, strength: Strength, weights?: ModelWeights): number {
  const models = strength === 'cheap' ? CHEAP : STRONG;
  const known = Object.entries(outcomes).filter(([model]) => models.has(model));
  if (known.length === 0)
    throw new Error(`Row has no record of a ${strength} model: name its models in train/models.ts.`);
  const weightOf = (model: string) => (weights === undefined ? 1 : (weights.get(model) ?? 0));
  const total = known.reduce((sum, [model]) => sum + weightOf(model), 0);
  if (total === 0) return failureShare({ outcomes }, strength);
  return known.reduce((sum, [model, score]) => sum + weightOf(model) * (1 - score), 0) / total;
}

/** Two models with records of the same prompts. The arrays are parallel. */
export type Pair = {
  readonly name: string;
  /** Positions in the rows that were given. */
  readonly at: readonly number[];
  readonly weak: readonly number[];
  readonly strong: readonly number[];
};

/** Every cheap with every strong model, where the strong one is ahead by at least a tenth. */
export function findPairs(rows: readonly Row[]): readonly Pair[] {
  const names = new Set(rows.flatMap(({ outcomes }) => Object.keys(outcomes)));
  const pairs: Pair[] = [];
  for (const weak of names) {
    if (!CHEAP.has(weak)) continue;
    for (const strong of names) {
      if (!STRONG.has(strong)) continue;
      const pair = toPair(rows, weak, strong);
      if (meanOf(pair.strong) - meanOf(pair.weak) >= GAP_MIN) pairs.push(pair);
    }
  }
  return pairs;
}

function toPair(rows: readonly Row[], weak: string, strong: string): Pair {
  const at = [...rows.keys()].filter((row) => {
    const { outcomes } = rows[row] as Row;
    return outcomes[weak] !== undefined && outcomes[strong] !== undefined;
  });
  const scores = (model: string) => at.map((row) => (rows[row] as Row).outcomes[model] as number);
  return { name: `${weak} / ${strong}`, at, weak: scores(weak), strong: scores(strong) };
}
