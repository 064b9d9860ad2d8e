import { Buffer } from 'node:buffer';
import { logistic } from '../logistic.ts';
import { BUCKET_COUNT } from './bucket-set.ts';
import { evidenceGroup } from './evidence-groups.ts';
import { IDEOGRAPHS_PER_WORD, type PromptFeatures } from './extract-features.ts';
import { halfBucket } from './hash-buckets.ts';
import priorFile from './prior.json' with { type: 'json' };
import { BASE, type TellEvidence } from './strongest-evidence.ts';
import { SLOT, SURFACE_NAMES, surfaceValue } from './surface.ts';

/** One of the two linear scores of the shipped model. */
type Head = {
  readonly intercept: number;
  /** On standardised surface features, in the order of `SURFACE_NAMES`. */
  readonly surface: Float64Array;
  /** On hashed words, in units of `wordScale`. */
  readonly words: Int8Array;
  readonly wordScale: number;
};

/** How far a surface feature counts from its mean, in spreads; as in training. */
const STANDARD_MAX = 6;

const means = byName(priorFile.standard.means);
const inverseScales = byName(priorFile.standard.scales).map((scale) => 1 / scale);
const routeHead = readHead(priorFile.route);
const failureHead = readHead(priorFile.failure);

/**
 * How much the prompt gains from a stronger model, about -3 to 3: made to order the prompts of any
 * kind of task among themselves. Text outside the experience of the model is ordered by its length.
 */
export function routeScore(features: PromptFeatures): number {
  if (isOutsideExperience(features)) {
    const { intercept, slope } = priorFile.route.byLength;
    return intercept + slope * (features.surface[SLOT['length with options']] as number);
  }
  return scoreBy(routeHead, features.surface, scoreHalfWords(features)) + scoreCommonWords(features);
}

/**
 * The probability that a cheap model fails, 0 to 1, calibrated on held-out questions of the
 * benchmarks it was trained on; elsewhere it is an order, and a guess. Tells what each kind of
 * feature adds to its logit, against the mean of the training prompts, see `evidenceGroup`:
 * `vocabulary` is all words together, and the base what every prompt begins with and this one lacks.
 */
export function failureProbability(features: PromptFeatures, tell?: TellEvidence): number {
  const { intercept, slope } = priorFile.failure.calibration;
  const { surface, buckets } = features;
  const words = scoreWords(failureHead, buckets);
  const score = scoreBy(failureHead, surface, words);
  if (tell) {
    const base = (weights[LACKING] as number) + failureHead.intercept + intercept / slope;
    tell(BASE, 1, slope * base);
    tell('vocabulary', buckets.length, slope * words);
    for (let at = LACKING + 1; at < evidenceNames.length; at += 1) {
      const slot = slots[at] as number;
      if (slot === NONE) continue;
      tell(evidenceNames[at] as string, surfaceValue(features, slot), slope * (weights[at] as number));
    }
  }
  return logistic(intercept + slope * score);
}

/** The names under which surface features are shown, after that of what a prompt lacks; of each feature the place of its name. */
const evidenceNames = [...new Set([BASE, ...SURFACE_NAMES.map(evidenceGroup)])];
const LACKING = 0;
const evidenceOfSurface = Uint8Array.from(SURFACE_NAMES, (name) => evidenceNames.indexOf(evidenceGroup(name)));
/** By name, of the prompt that was scored last: what its features add, and the first of them that the prompt has. */
const weights = new Float64Array(evidenceNames.length);
const slots = new Int16Array(evidenceNames.length);
const NONE = -1;

/** Where a value stands in the calibration traffic of a head, 0 to 1: the share of it that is lower. */
export function positionInTraffic(head: 'route' | 'failure', value: number): number {
  const quantiles = priorFile[head].quantiles;
  const last = quantiles.length - 1;
  if (value <= (quantiles[0] as number)) return 0;
  for (let at = 1; at <= last; at += 1) {
    const upper = quantiles[at] as number;
    if (value >= upper) continue;
    const lower = quantiles[at - 1] as number;
    return (at - 1 + (value - lower) / (upper - lower)) / last;
  }
  return 1;
}

const FOREIGN_SHARE_MAX = 0.3;
const RARE_SHARE_MAX = 0.8;
const WORDS_MIN = 6;

/**
 * Is the text unlike all that the model learnt from? It learnt from English: another script, or
 * hardly a frequent English word among several words, is beyond it.
 */
export function isOutsideExperience({ surface }: PromptFeatures): boolean {
  const words = Math.expm1(surface[SLOT.words] as number);
  const foreign =
    Math.expm1(surface[SLOT.ideographs] as number) / IDEOGRAPHS_PER_WORD +
    Math.expm1(surface[SLOT['words of other scripts']] as number);
  if (foreign > FOREIGN_SHARE_MAX * words) return true;
  return words >= WORDS_MIN && (surface[SLOT['share of rare words']] as number) > RARE_SHARE_MAX;
}

function scoreBy(head: Head, surface: Float64Array, words: number): number {
  let score = head.intercept + words;
  weights.fill(0);
  slots.fill(NONE);
  for (let slot = 0; slot < surface.length; slot += 1) {
    const added = (head.surface[slot] as number) * standardOf(surface, slot);
    const shown = surface[slot] === 0 ? LACKING : (evidenceOfSurface[slot] as number);
    score += added;
    weights[shown] = (weights[shown] as number) + added;
    if (slots[shown] === NONE) slots[shown] = slot;
  }
  return score;
}

function scoreWords({ words, wordScale }: Head, buckets: Uint16Array): number {
  let sum = 0;
  for (let at = 0; at < buckets.length; at += 1) sum += words[buckets[at] as number] as number;
  return (sum * wordScale) / Math.sqrt(Math.max(1, buckets.length));
}

/** Words by the ordering head, which tells prompts with options from others. */
function scoreHalfWords({ surface, buckets }: PromptFeatures): number {
  const offersOptions = surface[SLOT['has options']] === 1;
  let sum = 0;
  for (const bucket of buckets) sum += routeHead.words[halfBucket(bucket, offersOptions)] as number;
  return (sum * routeHead.wordScale) / Math.sqrt(Math.max(1, buckets.length));
}

/** Options that have more of their words in common than most are the harder to tell apart. */
function scoreCommonWords({ surface }: PromptFeatures): number {
  const { weight, mean } = priorFile.route.commonWords;
  return surface[SLOT['has options']] === 1
    ? weight * ((surface[SLOT['words shared by options']] as number) - mean)
    : 0;
}

/** A surface feature against the training prompts: 0 at their mean, 1 a spread above; no farther than 6. */
export function standardOf(surface: Float64Array, slot: number): number {
  const value = ((surface[slot] as number) - (means[slot] as number)) * (inverseScales[slot] as number);
  return Math.min(STANDARD_MAX, Math.max(-STANDARD_MAX, value));
}

function readHead({ intercept, surface, words, wordScale }: (typeof priorFile)['route' | 'failure']): Head {
  const bytes = Buffer.from(words, 'base64');
  if (bytes.length !== BUCKET_COUNT) throw new Error('prior.json does not fit this program: run npm run train:prior.');
  return { intercept, surface: byName(surface), wordScale, words: new Int8Array(bytes) };
}

/** The numbers of an object by feature name, in the order of the features. */
function byName(values: Readonly<Record<string, number>>): Float64Array {
  return Float64Array.from(SURFACE_NAMES, (name) => {
    const value = values[name];
    if (value === undefined) throw new Error(`prior.json lacks the feature ${name}: run npm run train:prior.`);
    return value;
  });
}
