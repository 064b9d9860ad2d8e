import { longestPhrase, type PhraseTable, toPhraseTable } from './phrase-table.ts';
import {
  ACKNOWLEDGEMENTS,
  FILLERS,
  GO_AHEADS,
  GREETINGS,
  POLITE_PHRASES,
  TRAILING_POLITENESS,
} from './small-talk-phrases.ts';
import { hashWord } from './tokens.ts';
import type { WordRange, Words } from './words.ts';

const GREETING_TABLE = toPhraseTable(GREETINGS);
const OPENING_TABLE = toPhraseTable([...GREETINGS, ...POLITE_PHRASES]);
const CLOSING_TABLE = toPhraseTable([...TRAILING_POLITENESS, ...GREETINGS]);
const GO_AHEAD_TABLE = toPhraseTable(GO_AHEADS);
const SMALL_TALK_TABLE = toPhraseTable([...GREETINGS, ...ACKNOWLEDGEMENTS]);
const FILLER_WORDS: ReadonlySet<number> = new Set(FILLERS.map(hashWord));
const ADDRESSED: ReadonlySet<number> = new Set(
  ['there', 'all', 'everyone', 'everybody', 'team', 'bot', 'assistant'].map(hashWord),
);
const NO_WORDS: ReadonlySet<number> = new Set();
const CLOSING_WORDS_MAX = 6;
/** Real small talk is short; this also bounds the work on a text of nothing but "hi". */
const SMALL_TALK_WORDS_MAX = 12;

/**
 * Is the whole turn small talk? `greeting` when a greeting, thanks or farewell is in it ("ok, thanks") and nothing
 * that sets off work ("thanks, go ahead").
 */
export function measureSmallTalk(words: Words): 'none' | 'greeting' | 'acknowledgement' {
  if (words.list.length === 0 || words.list.length > SMALL_TALK_WORDS_MAX) return 'none';
  if (!consistsOf(words, 0, SMALL_TALK_TABLE, FILLER_WORDS)) return 'none';
  return holds(words, GREETING_TABLE) && !holds(words, GO_AHEAD_TABLE) ? 'greeting' : 'acknowledgement';
}

function holds(words: Words, table: PhraseTable): boolean {
  for (let at = 0; at < words.list.length; at += 1) if (longestPhrase(table, words.list, at) > 0) return true;
  return false;
}

/** The words between opening greetings and politeness ("hi there, could you") and closing thanks. */
export function askedSpan(words: Words): WordRange {
  const from = firstAskedWord(words);
  for (let to = Math.max(from, words.list.length - CLOSING_WORDS_MAX); to < words.list.length; to += 1) {
    if (consistsOf(words, to, CLOSING_TABLE, NO_WORDS)) return { from, to };
  }
  return { from, to: words.list.length };
}

function firstAskedWord(words: Words): number {
  let at = 0;
  while (at < words.list.length) {
    const length = longestPhrase(OPENING_TABLE, words.list, at);
    const addressed = at > 0 && ADDRESSED.has(words.list[at]?.hash as number);
    if (length === 0 && !addressed) break;
    at += Math.max(1, length);
  }
  return at;
}

/** From a place on at least one phrase of the table, and nothing else but fillers around it. */
function consistsOf(words: Words, from: number, table: PhraseTable, fillers: ReadonlySet<number>): boolean {
  let phrases = 0;
  for (let at = from; at < words.list.length; ) {
    const length = longestPhrase(table, words.list, at);
    if (length > 0) phrases += 1;
    else if (!fillers.has(words.list[at]?.hash as number)) return false;
    at += Math.max(1, length);
  }
  return phrases > 0;
}
