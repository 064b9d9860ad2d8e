import { findCommonDirection } from './common-direction.ts';
import type { Examples } from './examples.ts';
import { type CommonWords, centreCommonWords, fitHalves, foldBuckets, scoreCommonWords } from './option-words.ts';
import { fitRidge, fitWords, scoreWords } from './ridge.ts';
import { centre, measureStandard, type Standard, spreadInside, standardise, weighRows } from './standardise.ts';

/** A linear score: weights on standardised surface features, weights on hashed words, and where it starts. */
export type Head = { readonly surface: Float64Array; readonly words: Float64Array; readonly intercept: number };

/** Of prompts that offer options it weighs the words apart from those of others, and how much the options share. */
export type RouteHead = Head & { readonly commonWords: CommonWords };

/** The fitted model before its weights are rounded. */
export type FittedPrior = {
  readonly standard: Standard;
  /** Orders prompts inside any kind of task: who gains from the strong model. Spread 1 inside a benchmark. */
  readonly route: RouteHead;
  /** Estimates the probability that a cheap model fails, tasks compared with each other too. */
  readonly failure: Head;
};

/** How the prior is trained. Chosen on benchmarks and families left out, see docs/complexity.md. */
export const HYPERPARAMETERS = {
  /** Of a strong model's failure this much is taken off: what both fail at is no reason to go up. */
  strongFailureShare: 0.5,
  /** The route head: parts of the common direction, of ridge on all surface features, of hashed words by kind of prompt. */
  routeParts: { direction: 1, ridge: 0.25, wordsWithOptions: 0.8, words: 0.5 },
  /**
   * What options with all words in common add against options with none. Set, not fitted: the
   * surface features of a kind of prompt that few benchmarks are made of drown in the common direction.
   */
  commonWordsOfOptions: 4,
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
  head: Head | RouteHead,
  { standard }: Pick<FittedPrior, 'standard'>,
  examples: Examples,
): Float64Array {
  const surface = scoreSurface(standardise(examples, standard), head.surface);
  const common = 'commonWords' in head ? head.commonWords : undefined;
  const words = scoreWords(common === undefined ? examples : foldBuckets(examples), head.words);
  return surface.map((score, row) => {
    const shared = common === undefined ? 0 : scoreCommonWords(examples, row, common);
    return head.intercept + score + (words[row] as number) + shared;
  });
}

function fitRoute(examples: Examples, values: Float64Array, weights: Float64Array): RouteHead {
  const { strongFailureShare, routeParts, routeRidgePenalty, routeWordPenalty, commonWordsOfOptions } = HYPERPARAMETERS;
  const target = examples.cheapDifficulty.map(
    (difficulty, row) => difficulty - strongFailureShare * (examples.strongDifficulty[row] as number),
  );
  const project = (scores: Float64Array) => centre(scores, examples, weights);
  const centredTarget = project(target);
  const direction = findCommonDirection(values, target, examples);
  const ridge = fitRidge(centreColumns(values, examples, weights), centredTarget, weights, routeRidgePenalty);
  const part = (scores: Float64Array, share: number) => share / spreadInside(scores, examples);
  const directionPart = part(scoreSurface(values, direction), routeParts.direction);
  const ridgePart = part(scoreSurface(values, ridge), routeParts.ridge);
  return {
    surface: direction.map((weight, at) => weight * directionPart + (ridge[at] as number) * ridgePart),
    words: fitHalves(
      foldBuckets(examples),
      { target, penalty: routeWordPenalty },
      { withOptions: routeParts.wordsWithOptions, others: routeParts.words },
    ),
    intercept: 0,
    commonWords: centreCommonWords(examples, commonWordsOfOptions),
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
