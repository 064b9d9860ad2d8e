import { GatewayError } from '../../../core/errors.ts';
import { extractFeatures } from '../extract-features.ts';
import { routeScore } from '../prior.ts';
import { dealByQuestion } from './deal-by-question.ts';
import { buildEncoder, type Encoded } from './encoder.ts';
import { fitLogistic, probabilityOf } from './logistic.ts';

/** A prompt with how well a weak and a strong model answered it, 0 to 1 each. */
export type LabelledPrompt = { readonly prompt: string; readonly weak: number; readonly strong: number };

/** Any way to score a prompt: higher, sooner to the strong model. */
export type PromptScorer = (prompt: string) => number;

export type FittedPair = {
  readonly score: PromptScorer;
  /** Scores of the rows by heads that had not seen them: what new prompts of their kind will get. */
  readonly heldOut: readonly number[];
};

/** Of the heads' weights. Chosen on held-out questions, as is all here, see docs/complexity.md. */
const PENALTY = 1.5;
/** With so many labels the shipped score and the fitted one count alike; with more the fitted one counts more. */
const LABELS_OF_PRIOR = 250;
const PARTS = 3;
const SPREAD_MIN = 1e-9;

/**
 * Scores made for one pair of models: the higher, the more the strong model gains. Two logistic
 * heads estimate where either model is right, and the score is the difference, mixed with the
 * shipped score while labels are few. The same rows give the same scores. Where the labels cannot
 * tell prompts apart, it is the shipped score.
 *
 * @throws GatewayError `invalid_request` when a label is no number from 0 to 1.
 */
export function fitPair(rows: readonly LabelledPrompt[]): PromptScorer {
  return fitPairOver(rows, shippedScore).score;
}

/** The score that needs no labels. */
export function shippedScore(prompt: string): number {
  return routeScore(extractFeatures(prompt));
}

/** The same over another shipped score: an evaluation needs one that has not seen the judged prompts. */
export function fitPairOver(rows: readonly LabelledPrompt[], prior: PromptScorer): FittedPair {
  checkLabels(rows);
  const shipped = rows.map(({ prompt }) => prior(prompt));
  const parts = dealByQuestion(
    rows.map(({ prompt }) => prompt),
    PARTS,
  );
  // What nobody can judge without having learnt from it is not trusted.
  if (parts.length < 2 || isUniform(rows)) return { score: prior, heldOut: shipped };
  const encoder = buildEncoder(rows.map(({ prompt }) => prompt));
  const all = [...rows.keys()];
  const fitGain = (at: readonly number[]) => {
    const encoded = at.map((row) => encoder.rows[row] as Encoded);
    const [weak, strong] = (['weak', 'strong'] as const).map((model) => {
      const targets = at.map((row) => (rows[row] as LabelledPrompt)[model]);
      return fitLogistic(encoded, targets, { termCount: encoder.termCount, penalty: PENALTY });
    });
    if (weak === undefined || strong === undefined) throw new Error('Two heads are fitted.');
    return (row: Encoded) => probabilityOf(row, strong) - probabilityOf(row, weak);
  };
  const gains = new Float64Array(rows.length);
  for (const part of parts) {
    const held = new Set(part);
    const gain = fitGain(all.filter((row) => !held.has(row)));
    for (const row of part) gains[row] = gain(encoder.rows[row] as Encoded);
  }
  const gain = fitGain(all);
  const standardGain = standardiserOf([...gains]);
  const standardShipped = standardiserOf(shipped);
  const priorShare = LABELS_OF_PRIOR / (rows.length + LABELS_OF_PRIOR);
  const mix = (fitted: number, known: number) =>
    (1 - priorShare) * standardGain(fitted) + priorShare * standardShipped(known);
  return {
    score: (prompt) => mix(gain(encoder.encode(prompt)), prior(prompt)),
    heldOut: shipped.map((known, row) => mix(gains[row] as number, known)),
  };
}

function isUniform(rows: readonly LabelledPrompt[]): boolean {
  const [first] = rows;
  return rows.every(({ weak, strong }) => weak === first?.weak && strong === first.strong);
}

function checkLabels(rows: readonly LabelledPrompt[]): void {
  for (const [at, { weak, strong }] of rows.entries()) {
    for (const [name, label] of Object.entries({ weak, strong })) {
      if (label >= 0 && label <= 1) continue;
      throw new GatewayError('invalid_request', `Label ${at + 1}: "${name}" is ${label}, not a number from 0 to 1.`, {
        hint: 'Give 1 for a right answer and 0 for a wrong one.',
      });
    }
  }
}

/** To mean 0 and spread 1 over these values; to 0 when they are all alike. */
function standardiserOf(values: readonly number[]): (value: number) => number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return (value) => (spread < SPREAD_MIN ? 0 : (value - mean) / spread);
}
