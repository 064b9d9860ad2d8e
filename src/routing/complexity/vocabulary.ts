import { foldText } from './fold-text.ts';
import { LEXICON_WORDS, type LexiconGroup } from './lexicon-words.ts';
import { ROLE_WORDS } from './role-words.ts';
import {
  beginsAt,
  isUnspaced,
  isWordAt,
  OPENING_CHARS,
  openingOf,
  type Word,
  type Words,
  wordAt,
  wordsOf,
} from './words.ts';

export type Entry = {
  readonly group: LexiconGroup;
  readonly points: number;
  /** Its words as they are known, folded; of a stem what every word with it begins with. */
  readonly text: string;
};
type Stem = { readonly stem: string; readonly entry: Entry };
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

/** What begins alike. Most words of a text begin like nothing here. */
type Alike = { readonly words: KnownWord[]; readonly stems: Stem[] };

/** By what words begin with: hashing every word of a text whole would cost more than all else that is done with it. */
const alikeByOpening = new Map<number, Alike>();
const insideRuns: Stem[] = [];
/** Scripts with syllables for letters have stems as short as this. */
const SHORT_STEM_CHARS = 2;

for (const [role, words] of ROLE_WORDS) {
  for (const word of words) addWord(word).roles |= role;
}
for (const [group, points, list] of LEXICON_WORDS) {
  for (const text of list.split(',')) addEntry(text.trim(), group, points);
}

/** Entries of scripts without spaces, to be looked for inside a run. */
export const INSIDE_RUNS: readonly Stem[] = insideRuns;

/** All that could be the word at a place or its stem. */
export function findAlike(words: Words, at: number): Alike | undefined {
  return alikeByOpening.get((words.list[at] as Word).opening);
}

export function findWord(words: Words, at: number, alike = findAlike(words, at)): KnownWord | undefined {
  if (alike === undefined) return undefined;
  for (const known of alike.words) if (isWordAt(words, at, known.text)) return known;
  return undefined;
}

/** The entry of the stem that the word at a place begins with. */
export function findStem(words: Words, at: number, alike = findAlike(words, at)): Entry | undefined {
  const entry = stemAmong(alike, words, at);
  if (entry !== undefined || words.isAscii) return entry;
  const word = wordAt(words, at);
  if (word.charCodeAt(0) <= 0x7f) return undefined;
  return stemAmong(alikeByOpening.get(openingOf(word, SHORT_STEM_CHARS)), words, at);
}

/** The entry of the pair that a known word begins, if the word at a place completes it. */
export function findPair({ pairs }: KnownWord, words: Words, next: number): Entry | undefined {
  for (const { second, stem, entry } of pairs) {
    if (stem ? beginsAt(words, next, second) : isWordAt(words, next, second)) return entry;
  }
  return undefined;
}

function stemAmong(alike: Alike | undefined, words: Words, at: number): Entry | undefined {
  if (alike === undefined) return undefined;
  for (const { stem, entry } of alike.stems) if (beginsAt(words, at, stem)) return entry;
  return undefined;
}

function alikeFor(word: string): Alike {
  const opening = openingOf(word, OPENING_CHARS);
  const alike = alikeByOpening.get(opening) ?? { words: [], stems: [] };
  alikeByOpening.set(opening, alike);
  return alike;
}

function addWord(text: string): KnownWord {
  const { words } = alikeFor(text);
  const known = words.find((word) => word.text === text);
  if (known) return known;
  const added: KnownWord = { text, roles: 0, entry: undefined, pairs: [] };
  words.push(added);
  return added;
}

function addEntry(text: string, group: LexiconGroup, points: number): void {
  const [first = '', second] = wordsOf(foldText(text));
  const isStem = text.endsWith('*');
  const entry = { group, points, text: second === undefined ? first : `${first} ${second}` };
  if (second !== undefined) addWord(first).pairs.push({ second, stem: isStem, entry });
  else if (isUnspaced(first)) insideRuns.push({ stem: first, entry });
  else if (isStem) alikeFor(first).stems.push({ stem: first, entry });
  else addWord(first).entry = entry;
}
