import { type LexiconFindings, sumUpFindings } from './lexicon.ts';
import { ROLE } from './role-words.ts';
import type { Token } from './tokens.ts';
import { type Entry, findPair, findStem, INSIDE_RUNS, type Pair, UNKNOWN } from './vocabulary.ts';
import { type WordRange, type Words, written } from './words.ts';

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

/** What was read so far; each entry that was found with the word of the text that found it. */
type Reading = {
  readonly words: Words;
  readonly found: Map<Entry, string>;
  how: WordFindings['how'];
  why: WordFindings['why'];
  longWords: number;
  constraints: number;
};

/** Looks up every word once: whole words, stems, pairs and roles. Linear in the words. */
export function readWords(words: Words, { from, skimFrom, skimTo, to }: ReadRange): WordFindings {
  const constraints = countConstraints(words, skimFrom, skimTo);
  const reading: Reading = { words, found: new Map(), how: 0, why: 0, longWords: 0, constraints };
  for (let at = from; at < to; ) {
    const next = at + 1 === skimFrom ? skimTo : at + 1;
    const word = words.list[at] as Token;
    if (word.kind === 'run') readRun(reading, written(words, word));
    else readWord(reading, word, next < to ? words.list[next] : undefined);
    at = next;
  }
  const { found, how, why, longWords } = reading;
  const lookup = opensLookup(words, from, to);
  return { ...sumUpFindings(found), how, why, lookup, longWords, constraints: reading.constraints };
}

function readWord(reading: Reading, word: Token, next: Token | undefined): void {
  const { words, found } = reading;
  const { start, end, known } = word;
  const length = end - start;
  if (length >= LONG_WORD_CHARS.min && length <= LONG_WORD_CHARS.max) reading.longWords += 1;
  if (known.roles !== 0) readRoles(reading, known.roles, next);
  if (known.pairs && next) readPair(reading, known.text, known.pairs, written(words, next));
  const entry = known === UNKNOWN ? findStem(words.codes, start, end) : known.entry;
  if (entry && !found.has(entry)) found.set(entry, shownAs(known.text || written(words, word), entry));
}

function readRoles(reading: Reading, roles: number, next: Token | undefined): void {
  if ((roles & ROLE.constraint) !== 0) reading.constraints += 1;
  if ((roles & ROLE.why) !== 0) reading.why = 1;
  else if ((roles & ROLE.how) !== 0 && !hasRole(next, ROLE.howMuch)) reading.how ||= 1;
  else if (reading.how === 1 && (roles & ROLE.works) !== 0) reading.how = 2;
}

function readPair({ found }: Reading, first: string, pairs: readonly Pair[], next: string): void {
  const entry = findPair(pairs, next);
  if (entry) found.set(entry, shownAs(`${first} ${next}`, entry));
}

/** Of a script without spaces: what stands anywhere inside. */
function readRun(reading: Reading, run: string): void {
  for (const entry of INSIDE_RUNS) if (run.includes(entry.text)) reading.found.set(entry, entry.text);
  if (UNSPACED_WHY.some((term) => run.includes(term))) reading.why = 1;
  if (UNSPACED_HOW.some((term) => run.includes(term))) reading.how ||= 1;
}

/** What goes into a log is no more of a prompt than a known word with its ending. */
function shownAs(found: string, { text }: Entry): string {
  const ending = found.slice(text.length);
  return ending.length <= ENDING_CHARS_MAX && !/\p{N}/u.test(ending) ? found : text;
}

/** How many words set a condition. */
function countConstraints({ list }: Words, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at += 1) if (hasRole(list[at], ROLE.constraint)) count += 1;
  return count;
}

/** "Who", or "how" before "many". */
function opensLookup({ list }: Words, from: number, to: number): 0 | 1 {
  if (from >= to) return 0;
  const second = from + 1 < to ? list[from + 1] : undefined;
  const asksHowMuch = hasRole(list[from], ROLE.how) && hasRole(second, ROLE.howMuch);
  return asksHowMuch || hasRole(list[from], ROLE.lookup) ? 1 : 0;
}

function hasRole(word: Token | undefined, role: number): boolean {
  return word !== undefined && (word.known.roles & role) !== 0;
}
