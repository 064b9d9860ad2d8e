import { decimalsOf, NUMBER_PATTERN, parseNumber } from './read-numbers.ts';

export type Operator = '+' | '-' | '*' | '/' | '^';

/** A piece of a text that arithmetic cares about. */
export type Token =
  | { readonly kind: 'number'; readonly value: number; readonly decimals: number; readonly percent: boolean }
  | { readonly kind: 'operator'; readonly operator: Operator }
  | { readonly kind: 'word'; readonly word: string }
  | { readonly kind: 'open' | 'close' | 'equals' | 'about' | 'break' };

const TOKEN = new RegExp(
  `(?<digits>${NUMBER_PATTERN})(?<percent> ?%)?|(?<times>(?<=[\\d)%] ?)[xX](?= ?[\\d(.]))|(?<word>\\p{L}[\\p{L}\\p{M}']*)|(?<mark>[-+*/^=()[\\]{}×·⋅÷−–—≈½¼¾²³.!?;:,…。،\\n"])`,
  'gu',
);

const OPERATORS: Readonly<Record<string, Operator>> = {
  '+': '+',
  '-': '-',
  '−': '-',
  '–': '-',
  '*': '*',
  '×': '*',
  '·': '*',
  '⋅': '*',
  '/': '/',
  '÷': '/',
  '^': '^',
};
const OPERATOR_WORDS: Readonly<Record<string, Operator>> = { plus: '+', minus: '-', times: '*' };
const FRACTIONS: Readonly<Record<string, number>> = { '½': 0.5, '¼': 0.25, '¾': 0.75 };
const POWERS: Readonly<Record<string, number>> = { '²': 2, '³': 3 };
const OTHER: Readonly<Record<string, 'open' | 'close' | 'equals' | 'about'>> = {
  '(': 'open',
  '[': 'open',
  '{': 'open',
  ')': 'close',
  ']': 'close',
  '}': 'close',
  '=': 'equals',
  '≈': 'about',
};

/** Reads a cleaned text in one pass; what is none of these is passed over. */
export function readTokens(text: string): readonly Token[] {
  const tokens: Token[] = [];
  for (const { groups } of text.matchAll(TOKEN)) {
    const { digits, percent, times, word, mark } = groups as Readonly<Record<string, string | undefined>>;
    if (digits !== undefined) tokens.push(toNumber(digits, percent !== undefined));
    else if (times !== undefined) tokens.push({ kind: 'operator', operator: '*' });
    else if (word !== undefined) tokens.push(toWord(word));
    else tokens.push(...toMark(mark as string));
  }
  return tokens;
}

function toNumber(digits: string, percent: boolean): Token {
  const value = parseNumber(digits);
  return {
    kind: 'number',
    value: percent ? value / 100 : value,
    decimals: decimalsOf(digits) + (percent ? 2 : 0),
    percent,
  };
}

function toWord(word: string): Token {
  const operator = Object.hasOwn(OPERATOR_WORDS, word) ? OPERATOR_WORDS[word] : undefined;
  return operator ? { kind: 'operator', operator } : { kind: 'word', word };
}

function toMark(mark: string): readonly Token[] {
  const operator = OPERATORS[mark];
  if (operator) return [{ kind: 'operator', operator }];
  const fraction = FRACTIONS[mark];
  if (fraction !== undefined) return [{ kind: 'number', value: fraction, decimals: 2, percent: false }];
  const power = POWERS[mark];
  if (power !== undefined)
    return [
      { kind: 'operator', operator: '^' },
      { kind: 'number', value: power, decimals: 0, percent: false },
    ];
  return [{ kind: OTHER[mark] ?? 'break' }];
}
