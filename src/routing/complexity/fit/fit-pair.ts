import { GatewayError } from '../../../core/errors.ts';
import { extractFeatures } from '../extract-features.ts';
import { routeScore } from '../prior.ts';
import { buildEncoder, type Encoded } from './encoder.ts';
import { fitLogistic, probabilityOf } from './logistic.ts';

/** A prompt with how well a weak and a strong model answered it, 0 to 1 each. */
export type LabelledPrompt = { readonly prompt: string; readonly weak: number; readonly strong: number };

/** Any way to score a prompt: higher, sooner to the strong model. */
export type PromptScorer = (prompt: string) => number;

/** Of the heads' weights. Chosen on held-out questions, as is all here, see docs/complexity.md. */
const PENALTY = 1.5;
/** With so many labels the shipped score and the fitted one count alike; with more the fitted one counts more. */
const LABELS_OF_PRIOR = 150;
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
  return fitPairOver(rows, (prompt) => routeScore(extractFeatures(prompt)));
}

/** The same over another shipped score: an evaluation needs one that has not seen the judged prompts. */
export function fitPairOver(rows: readonly LabelledPrompt[], prior: PromptScorer): PromptScorer {
  checkLabels(rows);
  if (new Set(rows.map(({ prompt }) => prompt)).size < 2) return prior;
  if (rows.every(({ weak, strong }) => weak === rows[0]?.weak && strong === rows[0].strong)) return prior;
  const encoder = buildEncoder(rows.map(({ prompt }) => prompt));
  const fitHead = (targets: readonly number[]) => fitLogistic(encoder.rows, targets, encoder.termCount, PENALTY);
  const weakHead = fitHead(rows.map(({ weak }) => weak));
  const strongHead = fitHead(rows.map(({ strong }) => strong));
  const gain = (row: Encoded) => probabilityOf(row, strongHead) - probabilityOf(row, weakHead);
  const toFitted = standardiserOf(encoder.rows.map(gain));
  const toShipped = standardiserOf(rows.map(({ prompt }) => prior(prompt)));
  const priorShare = LABELS_OF_PRIOR / (rows.length + LABELS_OF_PRIOR);
  return (prompt) => (1 - priorShare) * toFitted(gain(encoder.encode(prompt))) + priorShare * toShipped(prior(prompt));
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
