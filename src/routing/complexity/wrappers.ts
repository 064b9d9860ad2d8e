import { skipCourtesyBackward, skipCourtesyForward } from './courtesy.ts';
import { longestPhrase, toPhraseTable } from './phrase-table.ts';
import { GREETINGS, POLITE_PHRASES, TRAILING_POLITENESS } from './small-talk-phrases.ts';
import { asciiSet, type Token, type Tokens } from './tokens.ts';

/** Words that introduce a question and are none of it. */
const INTRODUCTIONS = [
  'answer',
  'answer this',
  'answer this question',
  'answer the question',
  'answer the following',
  'answer the following question',
  'answer the question below',
  'answer the next question',
  'solve this',
  'solve this problem',
  'solve the following',
  'solve the following problem',
  'solve the problem below',
  'consider the following question',
  'here is my question',
  'here is a question',
  'here is the question',
  'heres my question',
  'heres a question',
  'heres the question',
  'i have a question',
  'i have a question for you',
  'quick question',
  'my question is',
  'question',
  'q',
  'problem',
  'task',
  'with this',
  'with this question',
  'with this problem',
  'with the following',
  'with the following question',
  'with the following problem',
  'with a question',
  'out with this',
  'this question',
  'this question for me',
  'this for me',
  'for me',
  'the following question',
  'give me an answer to this',
] as const;

/** Words after a question that only ask for the answer. */
const CLOSINGS = [
  'answer',
  'your answer',
  'the answer is',
  'response',
  'solution',
  'a',
  'lets think step by step',
  'think step by step',
  'let us think step by step',
  'think carefully',
  'after careful thought put you final answer in boxed',
  'after careful thought put your final answer in boxed',
  'put your final answer in boxed',
  'put your final answer within boxed',
  'i appreciate your help',
  'i appreciate it',
  'thanks for your help',
  'thank you for your help',
  'thanks for the help',
  'thanks so much',
  'thank you so much',
  'thank you very much',
  'thanks a lot',
] as const;

const OPENING_TABLE = toPhraseTable(
  [...GREETINGS, ...POLITE_PHRASES, ...INTRODUCTIONS, 'there', 'everyone'].flatMap(withApostrophesDropped),
);
const CLOSING_TABLE = toPhraseTable(
  [...GREETINGS, ...TRAILING_POLITENESS, ...CLOSINGS].flatMap(withApostrophesDropped),
  'backward',
);
/** Nobody wraps a question in more; it also bounds the work on a text of nothing but "please". */
const OPENING_PHRASES_MAX = 8;
const CLOSING_PHRASES_MAX = 4;
const SEPARATORS = asciiSet(',.!:;-?');
const PHRASE_WORDS_MAX = 12;
const SPOKEN_BACK = 16;

type SpokenWord = { readonly hash: number; readonly at: number };

/**
 * The tokens between opening politeness and closing thanks; the whole text when nothing would be
 * left. A sentence of nothing but courtesy is left out whole, then phrases such as "could you".
 */
export function unwrap(tokens: Tokens): { readonly from: number; readonly to: number } {
  const from = skipOpening(tokens, skipCourtesyForward(tokens));
  const to = skipCourtesyBackward(tokens, from, skipClosing(tokens, from));
  return hasContent(tokens, from, to) ? { from, to } : { from: 0, to: tokens.list.length };
}

function skipOpening(tokens: Tokens, start: number): number {
  let from = start;
  for (let phrases = 0; phrases < OPENING_PHRASES_MAX; phrases += 1) {
    const words = readForward(tokens, from);
    const length = longestPhrase(OPENING_TABLE, words, 0);
    if (length === 0) break;
    from = (words[length - 1] as SpokenWord).at + 1;
    while (from < tokens.list.length && isSeparator(tokens, from)) from += 1;
  }
  return from;
}

function skipClosing(tokens: Tokens, from: number): number {
  let to = tokens.list.length;
  for (let phrases = 0; phrases < CLOSING_PHRASES_MAX; phrases += 1) {
    const words = readBackward(tokens, from, to);
    const length = longestPhrase(CLOSING_TABLE, words, 0);
    if (length === 0) break;
    to = (words[length - 1] as SpokenWord).at;
  }
  return to;
}

/** What follows `from`; marks inside are passed over. */
function readForward(tokens: Tokens, from: number): readonly SpokenWord[] {
  const words: SpokenWord[] = [];
  for (let at = from; at < tokens.list.length && words.length < PHRASE_WORDS_MAX && at < from + SPOKEN_BACK; at += 1) {
    const { kind, hash } = tokens.list[at] as Token;
    if (kind === 'number' || kind === 'ideograph') break;
    if (kind === 'mark') {
      if (isSeparator(tokens, at)) continue;
      break;
    }
    words.push({ hash, at });
  }
  return words;
}

/** What precedes `to`, last word first. */
function readBackward(tokens: Tokens, from: number, to: number): readonly SpokenWord[] {
  const words: SpokenWord[] = [];
  for (let at = to - 1; at >= from && words.length < PHRASE_WORDS_MAX && at >= to - SPOKEN_BACK; at -= 1) {
    const { kind, hash } = tokens.list[at] as Token;
    if (kind === 'number' || kind === 'ideograph') break;
    if (kind === 'mark') continue;
    words.push({ hash, at });
  }
  return words;
}

function isSeparator(tokens: Tokens, at: number): boolean {
  const { kind, hash } = tokens.list[at] as Token;
  return kind === 'mark' && SEPARATORS[hash] === 1;
}

function hasContent(tokens: Tokens, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (tokens.list[at]?.kind !== 'mark') return true;
  return false;
}

/** The lists write "what s up"; a token of "what's" is "whats". */
function withApostrophesDropped(phrase: string): readonly string[] {
  const joined = phrase.replace(/ (s|d|t|m|re|ll|ve)\b/g, '$1').replace(/\b(s|d|l|j|c|m|qu) (?=\p{L})/gu, '$1');
  return joined === phrase ? [phrase] : [phrase, joined];
}
