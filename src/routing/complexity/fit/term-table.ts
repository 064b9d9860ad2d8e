import type { SparseRow } from './sparse-rows.ts';

/** Which terms have a column, and what each of them weighs. */
export type TermTable = {
  readonly columns: ReadonlyMap<number, number>;
  /** By column: the rarer the term, the heavier. */
  readonly weights: Float64Array;
  /** By column: the number of prompts with the term. */
  readonly prompts: Int32Array;
  /** Of a term that no prompt had. It has no column, but its share of the prompt's length. */
  readonly weightOfUnknown: number;
};

/** The exponent of the inverse document frequency: between counting all words alike and by their rarity. */
const RARITY_POWER = 0.5;

export function buildTermTable(termsOfPrompts: readonly Int32Array[]): TermTable {
  const columns = new Map<number, number>();
  const counts: number[] = [];
  for (const terms of termsOfPrompts) {
    for (const term of terms) {
      const column = columns.get(term) ?? counts.length;
      if (column === counts.length) columns.set(term, column);
      counts[column] = (counts[column] ?? 0) + 1;
    }
  }
  const weigh = (prompts: number) => Math.log((termsOfPrompts.length + 2) / (prompts + 1)) ** RARITY_POWER;
  return {
    columns,
    weights: Float64Array.from(counts, weigh),
    prompts: Int32Array.from(counts),
    weightOfUnknown: weigh(0),
  };
}

/** A prompt's terms by column, their squares adding up to at most 1: the rest is that of unknown terms. */
export function weighTerms(terms: Int32Array, { columns, weights, weightOfUnknown }: TermTable): SparseRow {
  const known: number[] = [];
  let squares = 0;
  for (const term of terms) {
    const column = columns.get(term);
    if (column !== undefined) known.push(column);
    squares += (column === undefined ? weightOfUnknown : (weights[column] as number)) ** 2;
  }
  const scale = squares === 0 ? 0 : 1 / Math.sqrt(squares);
  return {
    columns: Int32Array.from(known),
    values: Float64Array.from(known, (column) => (weights[column] as number) * scale),
  };
}
