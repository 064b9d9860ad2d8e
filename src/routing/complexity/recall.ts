import { hashCharacters } from './tokens.ts';

/** What a table of answers is made for: questions of which some come again soon. */
export type RecallParts<Question, Answer> = {
  readonly answer: (question: Question) => Answer;
  /** Any whole number; the same for the same question. */
  readonly hash: (question: Question) => number;
  readonly isSame: (left: Question, right: Question) => boolean;
  /** Power of two: at most as many answers are kept. */
  readonly slots: number;
};

/**
 * The function `answer`, which must be pure, with its answers to questions that came twice. The
 * first time only a hash is noted, so that questions which never come again leave nothing behind;
 * and there is no `Map`, which would keep their garbage (decision 23). A collision replaces.
 */
export function recall<Question, Answer>(parts: RecallParts<Question, Answer>): (question: Question) => Answer {
  const { answer, hash, isSame, slots } = parts;
  const seen = new Int32Array(slots);
  const known = new Array<{ readonly question: Question; readonly answer: Answer } | undefined>(slots).fill(undefined);
  return (question) => {
    const hashed = hash(question) | 0;
    const slot = hashed & (slots - 1);
    const held = known[slot];
    if (held && isSame(held.question, question)) return held.answer;
    const answered = answer(question);
    if (seen[slot] === hashed) known[slot] = { question, answer: answered };
    seen[slot] = hashed;
    return answered;
  };
}

const HASHED_CHARS_MAX = 32;

/** A quick hash of a text's length and both its ends. */
export function hashEnds(text: string): number {
  const { length } = text;
  const headTo = Math.min(length, HASHED_CHARS_MAX);
  const ofHead = hashCharacters(text, 0, headTo, length);
  const hash = hashCharacters(text, Math.max(headTo, length - HASHED_CHARS_MAX), length, ofHead);
  return hash ^ (hash >>> 15);
}
