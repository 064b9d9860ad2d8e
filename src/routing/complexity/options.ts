import { LABEL_TOKENS, shareOfCommonWords } from './shared-words.ts';
import { asciiSet, type Token, type Tokens } from './tokens.ts';

/** The answers a question offers: "A. ... B. ..." or "(a) ... (b) ...". */
export type OptionList = {
  /** Where they begin; the end of the question when it offers none. */
  readonly from: number;
  readonly count: number;
  /** Characters of all options and their labels, white space aside. */
  readonly characters: number;
  /** Tokens of the longest and of the mean option. */
  readonly longest: number;
  readonly mean: number;
  /** The share of options with a number in them. */
  readonly numeric: number;
  /** How far they have their words in common, 0 to 1; see `shareOfCommonWords`. */
  readonly common: number;
};

const OPTIONS_MIN = 3;
const OPTIONS_MAX = 26;
const LETTER_A = 0x61;
const LABEL_ENDS = asciiSet('.):');
const BRACKET = 0x28;

const optionStarts = new Uint16Array(OPTIONS_MAX);

/** Finds the last list of options whose labels follow each other. Line breaks do not matter. */
export function findOptions(tokens: Tokens, from: number, to: number): OptionList {
  let count = 0;
  for (let at = from; at + 1 < to; at += 1) {
    const letter = labelAt(tokens, at);
    if (letter === undefined) continue;
    if (letter === 0 && count < OPTIONS_MIN) count = 0;
    if (letter === count && count < OPTIONS_MAX) {
      optionStarts[count] = at + LABEL_TOKENS;
      count += 1;
    }
  }
  if (count < OPTIONS_MIN) return { from: to, count: 0, characters: 0, longest: 0, mean: 0, numeric: 0, common: 0 };
  return measureOptions(tokens, count, to);
}

function measureOptions(tokens: Tokens, count: number, to: number): OptionList {
  const { list } = tokens;
  let longest = 0;
  let numeric = 0;
  for (let option = 0; option < count; option += 1) {
    const start = optionStarts[option] as number;
    const end = option + 1 < count ? (optionStarts[option + 1] as number) - LABEL_TOKENS : to;
    longest = Math.max(longest, end - start);
    for (let at = start; at < end; at += 1) {
      if (list[at]?.kind !== 'number') continue;
      numeric += 1;
      break;
    }
  }
  const first = (optionStarts[0] as number) - LABEL_TOKENS;
  let characters = 0;
  for (const { start, end } of list.slice(first, to)) characters += end - start;
  return {
    from: first,
    count,
    characters,
    longest,
    mean: (to - first) / count - LABEL_TOKENS,
    numeric: numeric / count,
    common: shareOfCommonWords(tokens, optionStarts, count, to),
  };
}

/** 0 for the label a, 1 for b; a label is one letter after white space or a bracket, with a mark behind it. */
function labelAt({ codes, list }: Tokens, at: number): number | undefined {
  const { kind, start, end } = list[at] as Token;
  if (end - start !== 1 || kind !== 'word') return undefined;
  const next = list[at + 1] as Token;
  if (next.kind !== 'mark' || next.start !== end || LABEL_ENDS[next.hash] !== 1) return undefined;
  if (list[at - 1]?.end === start && codes[start - 1] !== BRACKET) return undefined;
  const letter = (codes[start] as number) - LETTER_A;
  return letter >= 0 && letter < OPTIONS_MAX ? letter : undefined;
}
