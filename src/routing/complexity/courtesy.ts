import { hashWord, type Token, type Tokens } from './tokens.ts';

/** A sentence made of these alone, and naming a courtesy, is no part of a question. */
const COURTESIES = `please thank thanks grateful appreciate appreciated help hello hi hey dear greetings kindly kind sorry question
  questions answer assist assistance welcome bye regards cheers glad happy favor favour excuse pardon morning afternoon evening
  problem task request`;
const BESIDE_COURTESY = `i id ill im ive you your youre me my we us would could can will may might should be been are is am was it this
  that these there here if to so as for with about on of in at the a an some one following next below above good great much
  very really lot many all any have has had need want like love give tell let know do does in advance again day time
  assistant bot ai sir madam everyone team friend and but just quick and able wondering wonder ask asking get getting out up
  take look looking forward from now hope hoping doing well today fine nice best whenever minute moment when try trying solve`;
const SENTENCE_ENDS = new Set([...'.!?:'].map((mark) => mark.charCodeAt(0)));
const COURTESY_SENTENCES_MAX = 3;
const COURTESY_TOKENS_MAX = 24;
/** By the hash of a word: does it name a courtesy? */
const COURTESY_WORDS = new Map<number, boolean>([
  ...BESIDE_COURTESY.trim()
    .split(/\s+/)
    .map((word) => [hashWord(word), false] as const),
  ...COURTESIES.split(/\s+/).map((word) => [hashWord(word), true] as const),
]);

/** Past the sentences of courtesy that a text opens with. */
export function skipCourtesyForward(tokens: Tokens): number {
  let from = 0;
  for (let sentence = 0; sentence < COURTESY_SENTENCES_MAX; sentence += 1) {
    let at = from;
    let named = false;
    while (at < tokens.list.length && at < from + COURTESY_TOKENS_MAX && !isSentenceEnd(tokens, at)) {
      const courtesy = courtesyAt(tokens, at);
      if (courtesy === undefined) return from;
      named ||= courtesy;
      at += 1;
    }
    if (!named || at >= tokens.list.length || !isSentenceEnd(tokens, at)) return from;
    while (at < tokens.list.length && isSentenceEnd(tokens, at)) at += 1;
    from = at;
  }
  return from;
}

/** Back to before the sentences of courtesy that a text, read up to `end`, closes with. */
export function skipCourtesyBackward(tokens: Tokens, from: number, end: number): number {
  let to = end;
  for (let sentence = 0; sentence < COURTESY_SENTENCES_MAX; sentence += 1) {
    let at = to - 1;
    while (at > from && isSentenceEnd(tokens, at)) at -= 1;
    let named = false;
    for (; at >= from && at > to - COURTESY_TOKENS_MAX && !isSentenceEnd(tokens, at); at -= 1) {
      const courtesy = courtesyAt(tokens, at);
      if (courtesy === undefined) return to;
      named ||= courtesy;
    }
    if (!named || at < from || !isSentenceEnd(tokens, at)) return to;
    to = at + 1;
  }
  return to;
}

/** Whether the token names a courtesy, or may only stand beside one; nothing when it is about something else. */
function courtesyAt(tokens: Tokens, at: number): boolean | undefined {
  const { kind, hash } = tokens.list[at] as Token;
  if (kind === 'mark') return false;
  return kind === 'word' ? COURTESY_WORDS.get(hash) : undefined;
}

function isSentenceEnd(tokens: Tokens, at: number): boolean {
  const { kind, hash } = tokens.list[at] as Token;
  return kind === 'mark' && SENTENCE_ENDS.has(hash);
}
