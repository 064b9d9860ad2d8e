import { BUCKET_COUNT } from '../../src/routing/complexity/bucket-set.ts';
import { halfBucket } from '../../src/routing/complexity/hash-buckets.ts';
import { SURFACE_NAMES } from '../../src/routing/complexity/surface.ts';
import { type Examples, takeExamples } from './examples.ts';
import { fitWords, scoreWords } from './ridge.ts';
import { centre, spreadInside } from './standardise.ts';

const HAS_OPTIONS = SURFACE_NAMES.indexOf('has options');
const COMMON_WORDS = SURFACE_NAMES.indexOf('words shared by options');
/** Fewer prompts of a kind teach nothing of its words. */
const ROWS_MIN = 1_000;

/** How the words of one kind of prompt are fitted. */
export type HalfFit = { readonly target: Float64Array; readonly penalty: number };

/** What options with common words add: `weight` for each above `mean`, on prompts that offer options. */
export type CommonWords = { readonly weight: number; readonly mean: number };

function offersOptions({ surface, width }: Examples, row: number): boolean {
  return surface[row * width + HAS_OPTIONS] === 1;
}

/** The examples with their buckets folded into the half of their kind, see `halfBucket`. */
export function foldBuckets(examples: Examples): Examples {
  const buckets = Uint16Array.from(examples.buckets);
  for (let row = 0; row < examples.count; row += 1) {
    const offers = offersOptions(examples, row);
    const end = examples.bucketStarts[row + 1] as number;
    for (let at = examples.bucketStarts[row] as number; at < end; at += 1) {
      buckets[at] = halfBucket(buckets[at] as number, offers);
    }
  }
  return { ...examples, buckets };
}

/**
 * Weights of folded buckets, those of each kind of prompt from its own examples, every example
 * alike, so scaled that the part has spread `shares` inside a benchmark.
 */
export function fitHalves(
  folded: Examples,
  { target, penalty }: HalfFit,
  shares: { readonly withOptions: number; readonly others: number },
): Float64Array {
  const rows = [...target.keys()];
  const kinds = [
    { of: rows.filter((row) => offersOptions(folded, row)), share: shares.withOptions },
    { of: rows.filter((row) => !offersOptions(folded, row)), share: shares.others },
  ];
  const weights = new Float64Array(BUCKET_COUNT);
  for (const { of, share } of kinds) {
    if (of.length < ROWS_MIN) continue;
    const examples = takeExamples(folded, of);
    const alike = new Float64Array(of.length).fill(1);
    const project = (values: Float64Array) => centre(values, examples, alike);
    const own = project(Float64Array.from(of, (row) => target[row] as number));
    const words = fitWords(examples, own, { weights: alike, penalty, project });
    const scale = share / spreadInside(scoreWords(examples, words), examples);
    for (let at = 0; at < BUCKET_COUNT; at += 1) weights[at] = (weights[at] as number) + (words[at] as number) * scale;
  }
  return weights;
}

/** Centred on the examples that offer options, so that having options says nothing by itself. */
export function centreCommonWords(examples: Examples, weight: number): CommonWords {
  let sum = 0;
  let count = 0;
  for (let row = 0; row < examples.count; row += 1) {
    if (!offersOptions(examples, row)) continue;
    sum += commonWordsOf(examples, row);
    count += 1;
  }
  return { weight, mean: sum / Math.max(1, count) };
}

/** What the common words of its options add to the score of an example. */
export function scoreCommonWords(examples: Examples, row: number, { weight, mean }: CommonWords): number {
  return offersOptions(examples, row) ? weight * (commonWordsOf(examples, row) - mean) : 0;
}

function commonWordsOf({ surface, width }: Examples, row: number): number {
  return surface[row * width + COMMON_WORDS] as number;
}
