import { foldText } from './fold-text.ts';
import {
  ACKNOWLEDGEMENTS,
  FILLERS,
  GO_AHEADS,
  GREETINGS,
  POLITE_PHRASES,
  TRAILING_POLITENESS,
} from './small-talk-phrases.ts';
import { segmentWords } from './words.ts';

/** Phrases by their first word, longest first; each phrase as its words. */
type PhraseTable = ReadonlyMap<string, readonly (readonly string[])[]>;

const GREETING_TABLE = toTable(GREETINGS);
const OPENING_TABLE = toTable([...GREETINGS, ...POLITE_PHRASES]);
const CLOSING_TABLE = toTable([...TRAILING_POLITENESS, ...GREETINGS]);
const GO_AHEAD_TABLE = toTable(GO_AHEADS);
const SMALL_TALK_TABLE = toTable([...GREETINGS, ...ACKNOWLEDGEMENTS]);
const FILLER_WORDS: ReadonlySet<string> = new Set(FILLERS);
const ADDRESSED: ReadonlySet<string> = new Set(['there', 'all', 'everyone', 'everybody', 'team', 'bot', 'assistant']);
const NO_WORDS: ReadonlySet<string> = new Set();
const CLOSING_WORDS_MAX = 6;
/** Real small talk is short; this also bounds the work on a text of nothing but "hi". */
const SMALL_TALK_WORDS_MAX = 12;

/**
 * Is the whole turn small talk? `greeting` when a greeting, thanks or farewell is in it ("ok, thanks") and nothing
 * that sets off work ("thanks, go ahead").
 */
export function measureSmallTalk(words: readonly string[]): 'none' | 'greeting' | 'acknowledgement' {
  if (words.length === 0 || words.length > SMALL_TALK_WORDS_MAX) return 'none';
  if (!consistsOf(words, SMALL_TALK_TABLE, FILLER_WORDS)) return 'none';
  return holds(words, GREETING_TABLE) && !holds(words, GO_AHEAD_TABLE) ? 'greeting' : 'acknowledgement';
}

function holds(words: readonly string[], table: PhraseTable): boolean {
  return words.some((_, at) => phraseAt(words, at, table) > 0);
}

/** The words between opening greetings and politeness ("hi there, could you") and closing thanks. */
export function askedSpan(words: readonly string[]): { readonly from: number; readonly to: number } {
  const from = firstAskedWord(words);
  for (let to = Math.max(from, words.length - CLOSING_WORDS_MAX); to < words.length; to += 1) {
    if (consistsOf(words.slice(to), CLOSING_TABLE, NO_WORDS)) return { from, to };
  }
  return { from, to: words.length };
}

function firstAskedWord(words: readonly string[]): number {
  let at = 0;
  while (at < words.length) {
    const length = phraseAt(words, at, OPENING_TABLE);
    const addressed = at > 0 && ADDRESSED.has(words[at] as string);
    if (length === 0 && !addressed) break;
    at += Math.max(1, length);
  }
  return at;
}

/** At least one phrase of the table, and nothing else but fillers around it. */
function consistsOf(words: readonly string[], table: PhraseTable, fillers: ReadonlySet<string>): boolean {
  let phrases = 0;
  for (let at = 0; at < words.length; ) {
    const length = phraseAt(words, at, table);
    if (length > 0) phrases += 1;
    else if (!fillers.has(words[at] as string)) return false;
    at += Math.max(1, length);
  }
  return phrases > 0;
}

/** Words of the longest phrase of the table that starts here; 0 when none does. */
function phraseAt(words: readonly string[], at: number, table: PhraseTable): number {
  for (const phrase of table.get(words[at] as string) ?? []) {
    if (phrase.every((word, offset) => words[at + offset] === word)) return phrase.length;
  }
  return 0;
}

function toTable(phrases: readonly string[]): PhraseTable {
  const table = new Map<string, string[][]>();
  for (const phrase of phrases) {
    const words = [...segmentWords(foldText(phrase))];
    const first = words[0] as string;
    table.set(first, [...(table.get(first) ?? []), words]);
  }
  for (const entries of table.values()) entries.sort((left, right) => right.length - left.length);
  return table;
}
