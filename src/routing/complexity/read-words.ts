import { type LexiconFindings, sumUpFindings } from './lexicon.ts';
import { ROLE } from './role-words.ts';
import { type Entry, findAlike, findPair, findStem, findWord, INSIDE_RUNS } from './vocabulary.ts';
import { type Word, type WordRange, type Words, wordAt } from './words.ts';

/** What the words of a turn tell by themselves. */
export type WordFindings = LexiconFindings & {
  /** 1: "how"; 2: how something works. */
  readonly how: 0 | 1 | 2;
  readonly why: 0 | 1;
  /** It opens like a question for a name, a number, a place or a time. */
  readonly lookup: 0 | 1;
  readonly longWords: number;
  readonly constraints: number;
};

const ENDING_CHARS_MAX = 5;
const LONG_WORD_CHARS = { min: 10, max: 28 } as const;
const UNSPACED_WHY = ['为什么', '為什麼', 'なぜ', 'どうして', 'ทำไม'] as const;
const UNSPACED_HOW = ['如何', '怎么', '怎樣', 'どうやって', 'どのように', 'อย่างไร'] as const;

/** Of what was asked, the words that are read; those from `skimFrom` to `skimTo` are only skimmed for conditions. */
export type ReadRange = WordRange & { readonly skimFrom: number; readonly skimTo: number };

/** Looks up every word once: whole words, stems, pairs and roles. Linear in the words. */
export function readWords(words: Words, { from, skimFrom, skimTo, to }: ReadRange): WordFindings {
  const found = new Map<Entry, string>();
  let how: WordFindings['how'] = 0;
  let why: WordFindings['why'] = 0;
  let longWords = 0;
  let constraints = countConstraints(words, { from: skimFrom, to: skimTo });
  const afterOf = (at: number) => (at + 1 === skimFrom ? skimTo : at + 1);
  const following = (at: number) => (afterOf(at) < to ? wordAt(words, afterOf(at)) : undefined);
  for (let at = from; at < to; at = afterOf(at)) {
    const { start, end, opening, unspaced } = words.list[at] as Word;
    const length = end - start;
    if (!unspaced && length >= LONG_WORD_CHARS.min && length <= LONG_WORD_CHARS.max) longWords += 1;
    const alike = findAlike(opening);
    if (alike === undefined && words.isAscii) continue;
    const word = wordAt(words, at);
    if (unspaced) {
      for (const { stem, entry } of INSIDE_RUNS) if (word.includes(stem)) found.set(entry, stem);
      if (UNSPACED_WHY.some((term) => word.includes(term))) why = 1;
      if (how === 0 && UNSPACED_HOW.some((term) => word.includes(term))) how = 1;
      continue;
    }
    const known = findWord(word, alike);
    if (known) {
      const { roles, pairs } = known;
      if ((roles & ROLE.constraint) !== 0) constraints += 1;
      if ((roles & ROLE.why) !== 0) why = 1;
      else if ((roles & ROLE.how) !== 0 && !isHowMuch(following(at))) how = how === 0 ? 1 : how;
      else if (how === 1 && (roles & ROLE.works) !== 0) how = 2;
      const next = pairs.length > 0 ? following(at) : undefined;
      const pair = findPair(known, next);
      if (pair) found.set(pair, shownAs(`${word} ${next}`, pair));
    }
    const entry = known?.entry ?? findStem(word, alike);
    if (entry && !found.has(entry)) found.set(entry, shownAs(word, entry));
  }
  return {
    ...sumUpFindings(found),
    how,
    why,
    lookup: opensLookup(wordAt(words, from), following(from)),
    longWords,
    constraints,
  };
}

/** What goes into a log is no more of a prompt than a known word with its ending. */
function shownAs(found: string, { text }: Entry): string {
  const ending = found.slice(text.length);
  return ending.length <= ENDING_CHARS_MAX && !/\p{N}/u.test(ending) ? found : text;
}

/** How many words set a condition. */
function countConstraints(words: Words, { from, to }: WordRange): number {
  let count = 0;
  for (let at = from; at < to; at += 1) {
    const alike = findAlike((words.list[at] as Word).opening);
    const known = alike && findWord(wordAt(words, at), alike);
    if (known && (known.roles & ROLE.constraint) !== 0) count += 1;
  }
  return count;
}

function opensLookup(first: string, second: string | undefined): 0 | 1 {
  const roles = rolesOf(first);
  return (roles & ROLE.lookup) !== 0 || ((roles & ROLE.how) !== 0 && isHowMuch(second)) ? 1 : 0;
}

/** After "how": "how many", "how far". */
function isHowMuch(word: string | undefined): boolean {
  return word !== undefined && (rolesOf(word) & ROLE.howMuch) !== 0;
}

function rolesOf(word: string): number {
  return findWord(word)?.roles ?? 0;
}
