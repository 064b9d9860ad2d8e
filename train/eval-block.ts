import type { Row } from './data.ts';

/** What a part of the evaluation may read. */
export type EvaluationInput = {
  /** The folder with the recorded outcomes; files of cascades are read from it with `readJsonLines`. */
  readonly folder: string;
  /** All prompts with outcomes, read once. */
  readonly rows: readonly Row[];
};

/** A part of the table: cells as they are printed, the first row being the heading. */
export type EvaluationBlock = {
  readonly title: string;
  readonly table: readonly (readonly string[])[];
  /** What a reader must know to read it right, a sentence each. */
  readonly notes?: readonly string[];
};

/** A file in `train/eval` exports one as `evaluate`. */
export type Evaluate = (input: EvaluationInput) => EvaluationBlock | Promise<EvaluationBlock>;
