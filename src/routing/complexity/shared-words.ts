import { BUCKET_COUNT, bucketOf } from './bucket-set.ts';
import { TEXT_CHARS_MAX } from './text-codes.ts';
import { hashCodes, type Token, type Tokens } from './tokens.ts';

/** A letter and the mark behind it. */
export const LABEL_TOKENS = 2;

/** By bucket of a word: how many options have it so far, and which had it last, counted from 1. */
const optionsWith = new Uint8Array(BUCKET_COUNT);
const lastWith = new Uint8Array(BUCKET_COUNT);
const touched = new Uint16Array(TEXT_CHARS_MAX);

/**
 * How far options have their words in common: of a word of one option, the share of the other
 * options that have it too, 0 to 1. Options that hardly differ are the ones that get confused.
 * `starts` are the first tokens behind their labels, of which there are `count`.
 */
export function shareOfCommonWords(tokens: Tokens, starts: Uint16Array, count: number, to: number): number {
  let touchedCount = 0;
  let words = 0;
  let meetings = 0;
  for (let option = 1; option <= count; option += 1) {
    const end = option < count ? (starts[option] as number) - LABEL_TOKENS : to;
    for (let at = starts[option - 1] as number; at < end; at += 1) {
      const token = tokens.list[at] as Token;
      if (token.kind === 'mark') continue;
      // Of a number the tokens only know the shape.
      const bucket = bucketOf(token.kind === 'number' ? hashCodes(tokens.codes, token.start, token.end) : token.hash);
      if (lastWith[bucket] === option) continue;
      const before = optionsWith[bucket] as number;
      if (before === 0) {
        touched[touchedCount] = bucket;
        touchedCount += 1;
      }
      lastWith[bucket] = option;
      optionsWith[bucket] = before + 1;
      words += 1;
      meetings += 2 * before;
    }
  }
  for (let at = 0; at < touchedCount; at += 1) {
    optionsWith[touched[at] as number] = 0;
    lastWith[touched[at] as number] = 0;
  }
  return words === 0 ? 0 : meetings / (words * (count - 1));
}
