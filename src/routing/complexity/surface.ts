import { WORD_CLASSES } from './word-classes.ts';

/** By their names for people. A count becomes a logarithm, so that ten more of many say little; a plain number stays. */
const SURFACE = {
  length: 'count',
  'length with options': 'count',
  words: 'count',
  sentences: 'count',
  'words a sentence': 'count',
  'longest sentence': 'count',
  'mean word length': 'plain',
  'long words': 'count',
  'share of long words': 'plain',
  'very long words': 'count',
  'longest word': 'count',
  'rare words': 'count',
  'share of rare words': 'plain',
  ideographs: 'count',
  'words of other scripts': 'count',
  numbers: 'count',
  'share of numbers': 'plain',
  decimals: 'count',
  'large numbers': 'count',
  years: 'count',
  'longest number': 'count',
  marks: 'count',
  'share of marks': 'plain',
  commas: 'count',
  'question marks': 'count',
  colons: 'count',
  brackets: 'count',
  'quotation marks': 'count',
  operators: 'count',
  equations: 'count',
  money: 'count',
  percentages: 'count',
  dashes: 'count',
  blanks: 'count',
  LaTeX: 'count',
  'mathematical marks': 'count',
  'code marks': 'count',
  'numbered statements': 'count',
  'has options': 'plain',
  options: 'count',
  'option length': 'count',
  'longest option': 'count',
  'numeric options': 'plain',
  'distinct words': 'count',
  'distinct rare words': 'count',
  'repeated words': 'plain',
  'distinct numbers': 'count',
  syllables: 'count',
  'syllables a word': 'plain',
  'last sentence': 'count',
  'sentences with numbers': 'count',
  'before the last sentence': 'count',
  'options without numbers': 'plain',
  'words shared by options': 'plain',
} as const;
export type SurfaceName = keyof typeof SURFACE;

const ownNames = Object.keys(SURFACE) as readonly SurfaceName[];

/** Names of the surface features, for people. The word classes, which are counts, come last. */
export const SURFACE_NAMES: readonly string[] = [...ownNames, ...WORD_CLASSES];

/** Where a surface feature stands; of the word classes, where the first does. */
export const SLOT = Object.fromEntries(ownNames.map((name, slot) => [name, slot])) as Readonly<
  Record<SurfaceName, number>
>;
export const WORD_CLASS_SLOT: number = ownNames.length;

const isPlain = Uint8Array.from(SURFACE_NAMES, (_, slot) =>
  SURFACE[ownNames[slot] as SurfaceName] === 'plain' ? 1 : 0,
);

/** Counts one more. */
export function add(surface: Float64Array, slot: number): void {
  surface[slot] = (surface[slot] as number) + 1;
}

/** Turns counts into their logarithms, in place. Most are 0, and so is the logarithm of one more. */
export function takeLogarithms(surface: Float64Array): void {
  for (let slot = 0; slot < surface.length; slot += 1) {
    const value = surface[slot] as number;
    if (value !== 0 && isPlain[slot] === 0) surface[slot] = Math.log1p(value);
  }
}

/** What was counted or measured, before logarithms: for people. */
export function surfaceValue({ surface }: { readonly surface: Float64Array }, slot: number): number {
  const value = surface[slot] as number;
  return isPlain[slot] === 1 ? value : Math.expm1(value);
}
