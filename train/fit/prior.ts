import { findCommonDirection } from './common-direction.ts';
import type { Examples } from './examples.ts';
import { fitRidge, fitWords, scoreWords } from './ridge.ts';
import { centre, measureStandard, type Standard, standardise, weighRows } from './standardise.ts';

/** A linear score: weights on standardised surface features, weights on hashed words, and where it starts. */
export type Head = { readonly surface: Float64Array; readonly words: Float64Array; readonly intercept: number };

/** The fitted model before its weights are rounded. */
export type FittedPrior = {
  readonly standard: Standard;
  /** Orders prompts inside any kind of task: who gains from the strong model. Spread 1 inside a benchmark. */
  readonly route: Head;
  /** Estimates the probability that a cheap model fails, tasks compared with each other too. */
  readonly failure: Head;
};

/** How the prior is trained. Chosen on benchmarks and families left out, see docs/complexity.md. */
export const HYPERPARAMETERS = {
  /** Of a strong model's failure this much is taken off: what both fail at is no reason to go up. */
  strongFailureShare: 0.5,
  /** The route head: parts of the common direction, of ridge on all surface features, of hashed words. */
  routeParts: { direction: 1, ridge: 0.25, words: 0.15 },
  routeRidgePenalty: 1,
  routeWordPenalty: 1e-3,
  failureRidgePenalty: 0.1,
  failureWordPenalty: 1e-3,
} as const;

/** Fits both heads. No randomness: the same examples give the same weights. */
export function fitPrior(examples: Examples): FittedPrior {
  const standard = measureStandard(examples);
  const values = standardise(examples, standard);
  const weights = weighRows(examples);
  return {
    standard,
    route: fitRoute(examples, values, weights),
    failure: fitFailure(examples, values, weights),
  };
}

/** The score of every example by one head. */
export function scoreExamples(
  head: Head,
  { standard }: Pick<FittedPrior, 'standard'>,
  examples: Examples,
): Float64Array {
  const surface = scoreSurface(standardise(examples, standard), head.surface);
  const words = scoreWords(examples, head.words);
  return surface.map((score, row) => head.intercept + score + (words[row] as number));
}

function fitRoute(examples: Examples, values: Float64Array, weights: Float64Array): Head {
  const { strongFailureShare, routeParts, routeRidgePenalty, routeWordPenalty } = HYPERPARAMETERS;
  const target = examples.cheapDifficulty.map(
    (difficulty, row) => difficulty - strongFailureShare * (examples.strongDifficulty[row] as number),
  );
  const project = (scores: Float64Array) => centre(scores, examples, weights);
  const centredTarget = project(target);
  const direction = findCommonDirection(values, target, examples);
  const ridge = fitRidge(centreColumns(values, examples, weights), centredTarget, weights, routeRidgePenalty);
  const words = fitWords(examples, centredTarget, { weights, penalty: routeWordPenalty, project });
  const part = (scores: Float64Array, share: number) => share / spreadInside(scores, examples);
  const directionPart = part(scoreSurface(values, direction), routeParts.direction);
  const ridgePart = part(scoreSurface(values, ridge), routeParts.ridge);
  const wordsPart = part(scoreWords(examples, words), routeParts.words);
  return {
    surface: direction.map((weight, at) => weight * directionPart + (ridge[at] as number) * ridgePart),
    words: words.map((weight) => weight * wordsPart),
    intercept: 0,
  };
}

function fitFailure(examples: Examples, values: Float64Array, weights: Float64Array): Head {
  const { failureRidgePenalty, failureWordPenalty } = HYPERPARAMETERS;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const intercept = examples.cheapFails.reduce((sum, fails, row) => sum + fails * (weights[row] as number), 0) / total;
  const target = examples.cheapFails.map((fails) => fails - intercept);
  const surface = fitRidge(values, target, weights, failureRidgePenalty);
  const explained = scoreSurface(values, surface);
  const left = target.map((value, row) => value - (explained[row] as number));
  const words = fitWords(examples, left, { weights, penalty: failureWordPenalty, project: (scores) => scores });
  return { surface, words, intercept };
}

function scoreSurface(values: Float64Array, weights: Float64Array): Float64Array {
  const width = weights.length;
  return Float64Array.from({ length: values.length / width }, (_, row) => {
    let score = 0;
    for (let at = 0; at < width; at += 1) score += (values[row * width + at] as number) * (weights[at] as number);
    return score;
  });
}

function centreColumns(values: Float64Array, examples: Examples, weights: Float64Array): Float64Array {
  const { count, width } = examples;
  const centred = new Float64Array(values.length);
  for (let at = 0; at < width; at += 1) {
    const column = Float64Array.from({ length: count }, (_, row) => values[row * width + at] as number);
    for (const [row, value] of centre(column, examples, weights).entries()) centred[row * width + at] = value;
  }
  return centred;
}

/** The mean over benchmarks of the standard deviation inside each. */
function spreadInside(scores: Float64Array, { groups, groupCount }: Examples): number {
  const sizes = new Float64Array(groupCount);
  const sums = new Float64Array(groupCount);
  const squares = new Float64Array(groupCount);
  for (const [row, score] of scores.entries()) {
    const group = groups[row] as number;
    sizes[group] = (sizes[group] as number) + 1;
    sums[group] = (sums[group] as number) + score;
    squares[group] = (squares[group] as number) + score * score;
  }
  let spread = 0;
  for (let group = 0; group < groupCount; group += 1) {
    const mean = (sums[group] as number) / (sizes[group] as number);
    spread += Math.sqrt(Math.max(0, (squares[group] as number) / (sizes[group] as number) - mean * mean));
  }
  return spread / groupCount;
}
