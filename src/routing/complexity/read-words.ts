import { type LexiconFindings, sumUpFindings } from './lexicon.ts';
import { ROLE } from './role-words.ts';
import { type Entry, findAlike, findPair, findStem, findWord, INSIDE_RUNS } from './vocabulary.ts';
import { isUnspaced } from './words.ts';

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

/** Looks up every word once: whole words, stems, pairs and roles. Linear in the words. */
export function readWords(words: readonly string[]): WordFindings {
  const found = new Map<Entry, string>();
  let how: WordFindings['how'] = 0;
  let why: WordFindings['why'] = 0;
  let longWords = 0;
  let constraints = 0;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] as string;
    if (isUnspaced(word)) {
      for (const { stem, entry } of INSIDE_RUNS) if (word.includes(stem)) found.set(entry, stem);
      if (UNSPACED_WHY.some((term) => word.includes(term))) why = 1;
      if (how === 0 && UNSPACED_HOW.some((term) => word.includes(term))) how = 1;
      continue;
    }
    if (word.length >= LONG_WORD_CHARS.min && word.length <= LONG_WORD_CHARS.max) longWords += 1;
    const alike = findAlike(word);
    if (alike === undefined && word.charCodeAt(0) <= 0x7f) continue;
    const known = findWord(word, alike);
    if (known) {
      const { roles, pairs } = known;
      if ((roles & ROLE.constraint) !== 0) constraints += 1;
      if ((roles & ROLE.why) !== 0) why = 1;
      else if ((roles & ROLE.how) !== 0 && !isHowMuch(words[at + 1])) how = how === 0 ? 1 : how;
      else if (how === 1 && (roles & ROLE.works) !== 0) how = 2;
      const pair = pairs.length > 0 ? findPair(known, words[at + 1]) : undefined;
      if (pair) found.set(pair, shownAs(`${word} ${words[at + 1]}`, pair));
    }
    const entry = known?.entry ?? findStem(word, alike);
    if (entry && !found.has(entry)) found.set(entry, shownAs(word, entry));
  }
  return { ...sumUpFindings(found), how, why, lookup: opensLookup(words), longWords, constraints };
}

/** What goes into a log is no more of a prompt than a known word with its ending. */
function shownAs(found: string, { text }: Entry): string {
  const ending = found.slice(text.length);
  return ending.length <= ENDING_CHARS_MAX && !/\p{N}/u.test(ending) ? found : text;
}

/** How many words set a condition, for those of which nothing else is read. */
export function countConstraints(words: readonly string[]): number {
  let count = 0;
  for (const word of words) if (((findWord(word)?.roles ?? 0) & ROLE.constraint) !== 0) count += 1;
  return count;
}

function opensLookup([first = '', second]: readonly string[]): 0 | 1 {
  const roles = findWord(first)?.roles ?? 0;
  return (roles & ROLE.lookup) !== 0 || ((roles & ROLE.how) !== 0 && isHowMuch(second)) ? 1 : 0;
}

/** After "how": "how many", "how far". */
function isHowMuch(word: string | undefined): boolean {
  return word !== undefined && ((findWord(word)?.roles ?? 0) & ROLE.howMuch) !== 0;
}
