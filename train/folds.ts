import { seededRandom, shuffled } from './random.ts';

/** Positions of rows to learn from and to judge on; no position is in both. */
export type Fold = { readonly name: string; readonly train: readonly number[]; readonly test: readonly number[] };

type Asked = { readonly prompt: string };

/** Questions that begin alike share a passage or a template: one must not teach the answer to the other. */
const STEM_CHARS = 80;

/** What makes two prompts the same question for a fold: its first letters and digits, without case. */
export function questionStem(prompt: string): string {
  return prompt
    .slice(0, 8 * STEM_CHARS)
    .toLowerCase()
    .replace(/^\W*(?:q|question)\b/, '')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .slice(0, STEM_CHARS);
}

/** Folds in which a question stem is either learnt from or judged on. */
export function foldsByStem(rows: readonly Asked[], count: number, seed: number): readonly Fold[] {
  const stems = rows.map(({ prompt }) => questionStem(prompt));
  const order = shuffled([...new Set(stems)], seededRandom(seed));
  const foldOfStem = new Map(order.map((stem, at) => [stem, at % count]));
  const foldOf = stems.map((stem) => foldOfStem.get(stem) as number);
  return Array.from({ length: count }, (_, fold) => split(`fold ${fold + 1}`, foldOf, (of) => of === fold));
}

/**
 * One fold for each value, judged on the rows that have it and learning from those that have not.
 * Rows elsewhere that ask the same question are not learnt from either.
 */
export function foldsByValue<Item extends Asked>(
  rows: readonly Item[],
  readValue: (row: Item) => string,
): readonly Fold[] {
  const values = rows.map(readValue);
  const stems = rows.map(({ prompt }) => questionStem(prompt));
  return [...new Set(values)].map((value) => {
    const fold = split(value, values, (of) => of === value);
    const judged = new Set(fold.test.map((at) => stems[at]));
    return { ...fold, train: fold.train.filter((at) => !judged.has(stems[at])) };
  });
}

function split<Value>(name: string, values: readonly Value[], isTest: (value: Value) => boolean): Fold {
  const train: number[] = [];
  const test: number[] = [];
  for (const [at, value] of values.entries()) (isTest(value) ? test : train).push(at);
  return { name, train, test };
}
