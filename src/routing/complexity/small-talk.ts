import { foldText } from './fold-text.ts';
import {
  ACKNOWLEDGEMENTS,
  FILLERS,
  GO_AHEADS,
  GREETINGS,
  POLITE_PHRASES,
  TRAILING_POLITENESS,
} from './small-talk-phrases.ts';
import { isWordAt, OPENING_CHARS, openingOf, type Word, type WordRange, type Words, wordAt, wordsOf } from './words.ts';

/** Phrases by what their first word begins with, longest first; each phrase as its words. */
type PhraseTable = ReadonlyMap<number, readonly (readonly string[])[]>;

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
export function measureSmallTalk(words: Words): 'none' | 'greeting' | 'acknowledgement' {
  const { length } = words.list;
  if (length === 0 || length > SMALL_TALK_WORDS_MAX) return 'none';
  if (!consistsOf(words, 0, SMALL_TALK_TABLE, FILLER_WORDS)) return 'none';
  return holds(words, GREETING_TABLE) && !holds(words, GO_AHEAD_TABLE) ? 'greeting' : 'acknowledgement';
}

function holds(words: Words, table: PhraseTable): boolean {
  return words.list.some((_, at) => phraseAt(words, at, table) > 0);
}

/** The words between opening greetings and politeness ("hi there, could you") and closing thanks. */
export function askedSpan(words: Words): WordRange {
  const { length } = words.list;
  const from = firstAskedWord(words);
  for (let to = Math.max(from, length - CLOSING_WORDS_MAX); to < length; to += 1) {
    if (consistsOf(words, to, CLOSING_TABLE, NO_WORDS)) return { from, to };
  }
  return { from, to: length };
}

function firstAskedWord(words: Words): number {
  let at = 0;
  while (at < words.list.length) {
    const length = phraseAt(words, at, OPENING_TABLE);
    const addressed = at > 0 && ADDRESSED.has(wordAt(words, at));
    if (length === 0 && !addressed) break;
    at += Math.max(1, length);
  }
  return at;
}

/** From a place on at least one phrase of the table, and nothing else but fillers around it. */
function consistsOf(words: Words, from: number, table: PhraseTable, fillers: ReadonlySet<string>): boolean {
  let phrases = 0;
  for (let at = from; at < words.list.length; ) {
    const length = phraseAt(words, at, table);
    if (length > 0) phrases += 1;
    else if (!fillers.has(wordAt(words, at))) return false;
    at += Math.max(1, length);
  }
  return phrases > 0;
}

/** Words of the longest phrase of the table that starts here; 0 when none does. */
function phraseAt(words: Words, at: number, table: PhraseTable): number {
  for (const phrase of table.get((words.list[at] as Word).opening) ?? []) {
    if (phrase.every((word, offset) => isWordAt(words, at + offset, word))) return phrase.length;
  }
  return 0;
}

function toTable(phrases: readonly string[]): PhraseTable {
  const table = new Map<number, (readonly string[])[]>();
  for (const phrase of phrases) {
    const words = wordsOf(foldText(phrase));
    const opening = openingOf(words[0] as string, OPENING_CHARS);
    table.set(opening, [...(table.get(opening) ?? []), words]);
  }
  for (const entries of table.values()) entries.sort((left, right) => right.length - left.length);
  return table;
}
