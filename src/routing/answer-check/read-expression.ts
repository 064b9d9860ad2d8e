import type { Token } from './equation-tokens.ts';
import type { Item } from './evaluate.ts';

/** One side of an equals sign. */
export type Expression = {
  readonly items: readonly Item[];
  readonly operators: number;
  /** Decimal places of a side that is one number; 0 for any other. */
  readonly decimals: number;
  readonly percent: boolean;
  /** Whether a multiplication is understood, as in `4(2 + 1)`: easily misread. */
  readonly implied: boolean;
};

/** A side is no longer than this. */
const TOKENS_MAX = 60;
/** Words of a unit behind a number: `60 miles an hour * 5`. */
const UNIT_WORDS_MAX = 4;

/**
 * The expression that ends at (`step` -1) or begins behind (`step` 1) the sign at a position. Undefined when there is
 * none, or when it has a variable in it.
 */
export function readExpression(tokens: readonly Token[], sign: number, step: -1 | 1): Expression | undefined {
  const taken = step < 0 ? takeLeft(tokens, sign) : takeRight(tokens, sign);
  return taken && toExpression(taken);
}

function takeLeft(tokens: readonly Token[], sign: number): readonly Token[] | undefined {
  let start = sign;
  let depth = 0;
  let wordsBehind = 0;
  let wantsOperand = true;
  for (let at = sign - 1; at >= 0 && at >= sign - TOKENS_MAX; at -= 1) {
    const token = tokens[at] as Token;
    if (token.kind === 'word') {
      if (isVariable(token.word)) return undefined;
      const isOf = !wantsOperand && isOfShare(tokens, at);
      if (!isOf && (!wantsOperand || ++wordsBehind > UNIT_WORDS_MAX)) break;
      if (isOf) wantsOperand = true;
      continue;
    }
    wordsBehind = 0;
    if (token.kind === 'close') {
      if (!wantsOperand) break;
      depth += 1;
    } else if (token.kind === 'open') {
      depth -= 1;
      if (depth < 0) break;
      start = at;
      wantsOperand = false;
    } else if (token.kind === 'number') {
      if (!wantsOperand && tokens[at + 1]?.kind !== 'open') break;
      wantsOperand = false;
      start = at;
    } else if (token.kind === 'operator') {
      if (wantsOperand && !isMinus(tokens[at + 1])) break;
      wantsOperand = true;
    } else break;
  }
  if (start === sign) return undefined;
  return isOperatorBefore(tokens, start) ? undefined : tokens.slice(start, sign);
}

/** `x - 5`: the expression begins further left, with something that is no number. A dash that begins a line is none. */
function isOperatorBefore(tokens: readonly Token[], start: number): boolean {
  const before = tokens[start - 1];
  if (before?.kind !== 'operator') return false;
  const further = tokens[start - 2];
  return further !== undefined && further.kind !== 'break' && further.kind !== 'equals';
}

function takeRight(tokens: readonly Token[], sign: number): readonly Token[] | undefined {
  let end = sign + 1;
  let depth = 0;
  let words = 0;
  let wantsOperand = true;
  for (let at = sign + 1; at < tokens.length && at <= sign + TOKENS_MAX; at += 1) {
    const token = tokens[at] as Token;
    if (token.kind === 'word') {
      if (isVariable(token.word)) return undefined;
      if (wantsOperand) return undefined;
      if (isOfShare(tokens, at)) wantsOperand = true;
      else if (++words > UNIT_WORDS_MAX) break;
      continue;
    }
    words = 0;
    if (token.kind === 'open') {
      if (!wantsOperand && tokens[at - 1]?.kind !== 'number') break;
      depth += 1;
      wantsOperand = true;
    } else if (token.kind === 'close') {
      depth -= 1;
      if (depth < 0 || wantsOperand) break;
      if (depth === 0) end = at + 1;
    } else if (token.kind === 'number') {
      if (!wantsOperand) break;
      wantsOperand = false;
      if (depth === 0) end = at + 1;
    } else if (token.kind === 'operator') {
      if (wantsOperand && token.operator !== '-') break;
      wantsOperand = true;
    } else break;
  }
  return end === sign + 1 ? undefined : tokens.slice(sign + 1, end);
}

function toExpression(tokens: readonly Token[]): Expression | undefined {
  const items: Item[] = [];
  let operators = 0;
  let percent = false;
  let implied = false;
  let decimals = 0;
  for (const [at, token] of tokens.entries()) {
    const last = items.at(-1);
    if (token.kind === 'number') {
      if (last === ')') return undefined;
      items.push(token.value);
      percent ||= token.percent;
      decimals = token.decimals;
    } else if (token.kind === 'operator') {
      if (token.operator === '-' && (last === undefined || typeof last === 'string') && last !== ')') {
        if (last !== undefined && last !== '(') return undefined;
        items.push(0);
      } else operators += 1;
      items.push(token.operator);
    } else if (token.kind === 'open') {
      if (typeof last === 'number' || last === ')') {
        items.push('*');
        operators += 1;
        implied = true;
      }
      items.push('(');
    } else if (token.kind === 'close') items.push(')');
    else if (token.kind === 'word' && isOfShare(tokens, at)) {
      items.push('*');
      operators += 1;
    }
  }
  return { items, operators, percent, implied, decimals: operators === 0 ? decimals : 0 };
}

/** `20 % of 50`, `2/3 of 60`: there `of` multiplies. */
function isOfShare(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  if (token?.kind !== 'word' || token.word !== 'of') return false;
  const share = tokens[at - 1];
  if (share?.kind === 'close') return true;
  if (share?.kind !== 'number') return false;
  const slash = tokens[at - 2];
  return share.percent || share.value < 1 || (slash?.kind === 'operator' && slash.operator === '/');
}

function isMinus(token: Token | undefined): boolean {
  return token?.kind === 'operator' && token.operator === '-';
}

/** One Latin letter. Units of one letter are taken for variables too: then nothing is said. */
function isVariable(word: string): boolean {
  return word.length === 1 && word !== 'a';
}
