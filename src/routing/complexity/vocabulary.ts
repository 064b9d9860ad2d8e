import { foldText } from './fold-text.ts';
import { LEXICON_WORDS, type LexiconGroup } from './lexicon-words.ts';
import { ROLE_WORDS } from './role-words.ts';
import { codesOf } from './text-codes.ts';
import { isUnspaced } from './unspaced.ts';
import { CLASSES_OF_WORDS } from './word-classes.ts';

export type Entry = {
  readonly group: LexiconGroup;
  readonly points: number;
  /** Its words as they are known, folded; of a stem what every word with it begins with. */
  readonly text: string;
};
type Stem = { readonly stem: Uint16Array; readonly entry: Entry };
export type Pair = { readonly second: string; readonly isStem: boolean; readonly entry: Entry };

/** All that is known of one whole word. */
export type KnownWord = {
  readonly text: string;
  /** See `CLASSES_OF_WORDS`; nothing of a rare word. */
  readonly classes: readonly number[] | undefined;
  /** A sum of `ROLE`s. */
  readonly roles: number;
  /** Its own, or that of a stem that it begins with. */
  readonly entry: Entry | undefined;
  /** The pairs that it begins, if any. */
  readonly pairs: readonly Pair[] | undefined;
};
/** Of one whose tables are still being read. */
type NewWord = { -readonly [Name in keyof KnownWord]: KnownWord[Name] };

/** What is known of any other word; it may still begin with a stem. */
export const UNKNOWN: KnownWord = newWord('');

const knownWords = new Map<string, NewWord>();
/** By what words begin with. Most words begin like nothing here. */
const stemsByOpening = new Map<number, Stem[]>();
const insideRuns: Entry[] = [];
/** So many characters of a word tell which stems it could have. */
const OPENING_CHARS = 3;
/** Scripts with syllables for letters have stems as short as this. */
const SHORT_STEM_CHARS = 2;

for (const [word, classes] of CLASSES_OF_WORDS) addWord(word).classes = classes;
for (const [role, words] of ROLE_WORDS) {
  for (const word of words) addWord(word).roles |= role;
}
for (const [group, points, list] of LEXICON_WORDS) {
  for (const text of list.split(',')) addEntry(text.trim(), group, points);
}
for (const word of knownWords.values()) word.entry ??= findStem(codesOf(word.text), 0, word.text.length);

/** The words that anything is known of. */
export const KNOWN_WORDS: readonly KnownWord[] = [...knownWords.values()];

/** Entries of scripts without spaces, to be looked for inside a run. */
export const INSIDE_RUNS: readonly Entry[] = insideRuns;

/** The entry of the stem that a word begins with, by the codes of its text. */
export function findStem(codes: Uint16Array, start: number, end: number): Entry | undefined {
  const entry = findStemBy(OPENING_CHARS, codes, start, end);
  if (entry !== undefined || (codes[start] as number) <= 0x7f) return entry;
  return findStemBy(SHORT_STEM_CHARS, codes, start, end);
}

function findStemBy(openingChars: number, codes: Uint16Array, start: number, end: number): Entry | undefined {
  const alike = stemsByOpening.get(openingOf(codes, start, Math.min(end, start + openingChars)));
  if (alike === undefined) return undefined;
  for (const { stem, entry } of alike) if (beginsWith(stem, codes, start, end)) return entry;
  return undefined;
}

function beginsWith(stem: Uint16Array, codes: Uint16Array, start: number, end: number): boolean {
  if (end - start < stem.length) return false;
  for (let at = 0; at < stem.length; at += 1) if (codes[start + at] !== stem[at]) return false;
  return true;
}

/** The entry of the pair that a known word begins, if the word after it completes it. */
export function findPair(pairs: readonly Pair[], next: string): Entry | undefined {
  return pairs.find(({ second, isStem }) => (isStem ? next.startsWith(second) : next === second))?.entry;
}

/** A number of the first characters of a word. That two openings may share one does no harm: stems are compared whole. */
function openingOf(codes: Uint16Array, start: number, end: number): number {
  let opening = end - start;
  for (let at = start; at < end; at += 1) opening = (opening * 37 + (codes[at] as number)) & 0xffffff;
  return opening;
}

function newWord(text: string): NewWord {
  return { text, classes: undefined, roles: 0, entry: undefined, pairs: undefined };
}

function addWord(text: string): NewWord {
  const known = knownWords.get(text) ?? newWord(text);
  knownWords.set(text, known);
  return known;
}

function addPair(known: NewWord, pair: Pair): void {
  known.pairs = [...(known.pairs ?? []), pair];
}

function addStem(text: string, entry: Entry): void {
  const stem = codesOf(text);
  const opening = openingOf(stem, 0, Math.min(stem.length, OPENING_CHARS));
  stemsByOpening.set(opening, [...(stemsByOpening.get(opening) ?? []), { stem, entry }]);
}

function addEntry(text: string, group: LexiconGroup, points: number): void {
  const isStem = text.endsWith('*');
  const folded = foldText(isStem ? text.slice(0, -1) : text);
  const [first = '', second] = folded.split(' ');
  const entry = { group, points, text: folded };
  if (second !== undefined) addPair(addWord(first), { second, isStem, entry });
  else if (isUnspaced(first)) insideRuns.push(entry);
  else if (isStem) addStem(first, entry);
  else addWord(first).entry = entry;
}
