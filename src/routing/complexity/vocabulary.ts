import { foldText } from './fold-text.ts';
import { LEXICON_WORDS, type LexiconGroup } from './lexicon-words.ts';
import { ROLE_WORDS } from './role-words.ts';
import { isUnspaced, segmentWords } from './words.ts';

export type Entry = { readonly group: LexiconGroup; readonly points: number; readonly text: string };
export type Stem = { readonly stem: string; readonly entry: Entry };
type Pair = { readonly second: string; readonly stem: boolean; readonly entry: Entry };

/** All that is known of one whole word. */
export type KnownWord = {
  readonly text: string;
  /** A sum of `ROLE`s. */
  roles: number;
  entry: Entry | undefined;
  /** The pairs that it begins. */
  readonly pairs: Pair[];
};

const knownByStart = new Map<number, KnownWord[]>();
const stemsByStart = new Map<number, Stem[]>();
const insideRuns: Stem[] = [];
const STEM_START_CHARS = 3;

for (const [role, words] of ROLE_WORDS) {
  for (const word of words) knownWord(word).roles |= role;
}
for (const [group, points, list] of LEXICON_WORDS) {
  for (const text of list.split(',')) addEntry(text.trim(), group, points);
}

/** One look-up a word, for whatever is asked of it. */
export function findWord(word: string): KnownWord | undefined {
  const alike = knownByStart.get(startAndLengthOf(word));
  if (alike === undefined) return undefined;
  for (const known of alike) if (known.text === word) return known;
  return undefined;
}

/** The entry of the pair that a known word begins, if the next word completes it. */
export function findPair({ pairs }: KnownWord, next: string | undefined): Entry | undefined {
  if (next === undefined) return undefined;
  for (const { second, stem, entry } of pairs) {
    if (stem ? next.startsWith(second) : next === second) return entry;
  }
  return undefined;
}

/** The stem that the word begins with. Those of two characters are of scripts with syllables for letters. */
export function findStem(word: string): Entry | undefined {
  const known = stemIn(startOf(word, STEM_START_CHARS), word);
  return known ?? (word.charCodeAt(0) > 0x7f ? stemIn(startOf(word, 2), word) : undefined);
}

/** Entries of scripts without spaces, to be looked for inside a run. */
export const INSIDE_RUNS: readonly Stem[] = insideRuns;

function stemIn(start: number, word: string): Entry | undefined {
  const stems = stemsByStart.get(start);
  if (stems === undefined) return undefined;
  for (const { stem, entry } of stems) if (word.startsWith(stem)) return entry;
  return undefined;
}

/**
 * A number for the first characters. By such numbers everything is looked up: that two may share one
 * does no harm, and hashing every word of a text would cost more than all else that is done with it.
 */
function startOf(word: string, charactersMax: number): number {
  const end = Math.min(word.length, charactersMax);
  let start = end;
  for (let at = 0; at < end; at += 1) start = (start * 37 + word.charCodeAt(at)) & 0xffffff;
  return start;
}

function startAndLengthOf(word: string): number {
  return startOf(word, STEM_START_CHARS) * 32 + Math.min(word.length, 31);
}

function knownWord(text: string): KnownWord {
  const known = findWord(text);
  if (known) return known;
  const added: KnownWord = { text, roles: 0, entry: undefined, pairs: [] };
  const start = startAndLengthOf(text);
  knownByStart.set(start, [...(knownByStart.get(start) ?? []), added]);
  return added;
}

function addEntry(text: string, group: LexiconGroup, points: number): void {
  const isStem = text.endsWith('*');
  const words = segmentWords(foldText(text));
  const [first = '', second] = words;
  const entry = { group, points, text };
  if (second !== undefined) {
    knownWord(first).pairs.push({ second, stem: isStem, entry });
  } else if (isUnspaced(first)) {
    insideRuns.push({ stem: first, entry });
  } else if (isStem) {
    const start = startOf(first, Math.min(first.length, STEM_START_CHARS));
    stemsByStart.set(start, [...(stemsByStart.get(start) ?? []), { stem: first, entry }]);
  } else {
    knownWord(first).entry = entry;
  }
}
