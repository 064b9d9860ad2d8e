import { foldText } from './fold-text.ts';
import { LEXICON_WORDS, type LexiconGroup } from './lexicon-words.ts';
import { ROLE_WORDS } from './role-words.ts';
import { isUnspaced, segmentWords } from './words.ts';

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

/**
 * By a number of the first characters, see `startOf`: hashing every word of a text whole would cost
 * more than all else that is done with it.
 */
const alikeByStart = new Map<number, Alike>();
const insideRuns: Stem[] = [];
const START_CHARS = 3;
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

/** All that could be this word or its stem. */
export function findAlike(word: string): Alike | undefined {
  return alikeByStart.get(startOf(word, START_CHARS));
}

export function findWord(word: string, alike = findAlike(word)): KnownWord | undefined {
  if (alike === undefined) return undefined;
  for (const known of alike.words) if (known.text === word) return known;
  return undefined;
}

/** The entry of the stem that the word begins with. */
export function findStem(word: string, alike = findAlike(word)): Entry | undefined {
  const entry = stemAmong(alike, word);
  if (entry !== undefined || word.charCodeAt(0) <= 0x7f) return entry;
  return stemAmong(alikeByStart.get(startOf(word, SHORT_STEM_CHARS)), word);
}

/** The entry of the pair that a known word begins, if the next word completes it. */
export function findPair({ pairs }: KnownWord, next: string | undefined): Entry | undefined {
  if (next === undefined) return undefined;
  for (const { second, stem, entry } of pairs) {
    if (stem ? next.startsWith(second) : next === second) return entry;
  }
  return undefined;
}

function stemAmong(alike: Alike | undefined, word: string): Entry | undefined {
  if (alike === undefined) return undefined;
  for (const { stem, entry } of alike.stems) if (word.startsWith(stem)) return entry;
  return undefined;
}

/** That two starts may share a number does no harm: what is found is compared whole. */
function startOf(word: string, charactersMax: number): number {
  const end = Math.min(word.length, charactersMax);
  let start = end;
  for (let at = 0; at < end; at += 1) start = (start * 37 + word.charCodeAt(at)) & 0xffffff;
  return start;
}

function alikeFor(word: string): Alike {
  const start = startOf(word, START_CHARS);
  const alike = alikeByStart.get(start) ?? { words: [], stems: [] };
  alikeByStart.set(start, alike);
  return alike;
}

function addWord(text: string): KnownWord {
  const known = findWord(text);
  if (known) return known;
  const added: KnownWord = { text, roles: 0, entry: undefined, pairs: [] };
  alikeFor(text).words.push(added);
  return added;
}

function addEntry(text: string, group: LexiconGroup, points: number): void {
  const [first = '', second] = segmentWords(foldText(text));
  const isStem = text.endsWith('*');
  const entry = { group, points, text: second === undefined ? first : `${first} ${second}` };
  if (second !== undefined) addWord(first).pairs.push({ second, stem: isStem, entry });
  else if (isUnspaced(first)) insideRuns.push({ stem: first, entry });
  else if (isStem) alikeFor(first).stems.push({ stem: first, entry });
  else addWord(first).entry = entry;
}
