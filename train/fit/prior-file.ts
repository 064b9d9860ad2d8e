import { Buffer } from 'node:buffer';
import { SURFACE_NAMES } from '../../src/routing/complexity/surface.ts';
import { logistic } from '../../src/routing/logistic.ts';
import { calibrateLogit, fitLine, type Line, measureQuantiles } from './calibrate.ts';
import type { Examples } from './examples.ts';
import type { CommonWords } from './option-words.ts';
import type { FittedPrior, Head } from './prior.ts';
import { weighRows } from './standardise.ts';

/** Scores of the same examples by models that had not seen them. */
export type HeldOutScores = { readonly route: Float64Array; readonly failure: Float64Array };

/** One head as it is stored. */
type HeadFile = {
  readonly intercept: number;
  readonly surface: Readonly<Record<string, number>>;
  readonly wordScale: number;
  /** A signed byte a bucket, in base64. */
  readonly words: string;
};

/** What `src/routing/complexity/prior.ts` reads. */
export type PriorFile = {
  readonly standard: { readonly means: object; readonly scales: object };
  readonly route: HeadFile & {
    readonly commonWords: CommonWords;
    readonly byLength: Line;
    readonly quantiles: readonly number[];
  };
  readonly failure: HeadFile & { readonly calibration: Line; readonly quantiles: readonly number[] };
};

const INT8_MAX = 127;
const SURFACE_DIGITS = 4;

/** The model as it is shipped: words in int8, everything else in a few digits. */
export function toPriorFile(prior: FittedPrior, examples: Examples, heldOut: HeldOutScores): PriorFile {
  const weights = weighRows(examples);
  const lengthAt = SURFACE_NAMES.indexOf('length with options');
  const length = Float64Array.from(
    examples.groups,
    (_, row) => examples.surface[row * examples.width + lengthAt] as number,
  );
  const calibration = calibrateLogit(heldOut.failure, examples.cheapFails, weights);
  const probabilityOf = (score: number) => logistic(calibration.intercept + calibration.slope * score);
  return {
    standard: { means: byName(prior.standard.means), scales: byName(prior.standard.scales) },
    route: {
      ...toHeadFile(prior.route),
      commonWords: { weight: prior.route.commonWords.weight, mean: round(prior.route.commonWords.mean) },
      byLength: roundLine(fitLine(length, heldOut.route, weights)),
      quantiles: measureQuantiles(heldOut.route, examples).map(round),
    },
    failure: {
      ...toHeadFile(prior.failure),
      calibration: roundLine(calibration),
      quantiles: measureQuantiles(heldOut.failure.map(probabilityOf), examples).map(round),
    },
  };
}

function toHeadFile({ intercept, surface, words }: Head): HeadFile {
  let largest = 0;
  for (const weight of words) largest = Math.max(largest, Math.abs(weight));
  const wordScale = largest / INT8_MAX;
  const steps = Int8Array.from(words, (weight) => Math.round(weight / wordScale));
  return {
    intercept: round(intercept),
    surface: byName(surface),
    wordScale,
    words: Buffer.from(steps.buffer).toString('base64'),
  };
}

function byName(values: Float64Array): Readonly<Record<string, number>> {
  return Object.fromEntries(SURFACE_NAMES.map((name, at) => [name, round(values[at] as number)]));
}

function roundLine({ intercept, slope }: Line): Line {
  return { intercept: round(intercept), slope: round(slope) };
}

function round(value: number): number {
  return Number(value.toFixed(SURFACE_DIGITS)) + 0;
}
