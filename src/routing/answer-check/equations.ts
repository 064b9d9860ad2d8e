import type { Token } from './equation-tokens.ts';
import { evaluate, type Item } from './evaluate.ts';
import { type Expression, readExpression } from './read-expression.ts';

/**
 * What re-doing an equation shows. `rounded`: right to the next whole number; `unclear`: units or percentages could
 * explain the difference.
 */
export type EquationVerdict = 'right' | 'rounded' | 'unclear' | 'wrong';

/** Two sides of an equals sign, at least one of them with something to work out. */
export type Equation = {
  readonly verdict: EquationVerdict;
  /** Numbers the left side works with. */
  readonly operands: readonly number[];
  readonly operators: readonly string[];
  /** What the text says comes out. */
  readonly result: number;
};

export type Equations = {
  readonly equations: readonly Equation[];
  /** Equals signs beside a variable or beside words: nothing to re-do. */
  readonly algebraicCount: number;
};

/** More are not looked at. */
const EQUATIONS_MAX = 400;

/** One side of a chain with its unit. */
const CHAIN_TOKENS_MAX = 8;

/** Factors between units of time, money, length and counts: `2 hours + 1 hour = 180 minutes`. */
const UNIT_FACTORS = new Set([7, 10, 12, 16, 24, 30, 36, 52, 60, 100, 365, 1_000, 3_600]);

/** Re-does every equation in the tokens of a text, chains (`a = b = c`) side by side. */
export function checkEquations(tokens: readonly Token[]): Equations {
  const equations: Equation[] = [];
  let algebraicCount = 0;
  for (let at = 0; at < tokens.length && equations.length < EQUATIONS_MAX; at += 1) {
    const { kind } = tokens[at] as Token;
    if (kind !== 'equals' && kind !== 'about') continue;
    const left = readExpression(tokens, at, -1);
    const right = readExpression(tokens, at, 1);
    if (left === undefined || right === undefined) {
      algebraicCount += 1;
      continue;
    }
    // `Week 5 = 3 * 4`: a number in a name.
    const isNamed = left.operators === 0 && (right.operators === 0 || !isChained(tokens, at));
    const equation = isNamed ? undefined : compare(left, right, kind === 'about');
    if (equation) equations.push(equation);
  }
  return { equations, algebraicCount };
}

/** Whether the side before a sign stands behind another one. */
function isChained(tokens: readonly Token[], sign: number): boolean {
  for (let at = sign - 1; at >= Math.max(0, sign - CHAIN_TOKENS_MAX); at -= 1) {
    const { kind } = tokens[at] as Token;
    if (kind === 'equals' || kind === 'about') return true;
    if (kind === 'break') return false;
  }
  return false;
}

function compare(left: Expression, right: Expression, isAbout: boolean): Equation | undefined {
  const expected = evaluate(left.items);
  const result = evaluate(right.items);
  if (expected === undefined || result === undefined) return undefined;
  const operators = left.items.filter((item): item is Exclude<Item, number> => typeof item === 'string');
  const operands = left.items.filter((item) => typeof item === 'number');
  const percent = left.percent || right.percent;
  return {
    verdict: judge(expected, result, {
      decimals: right.decimals,
      percent,
      isAbout,
      implied: left.implied || right.implied,
    }),
    operands,
    operators,
    result,
  };
}

type Reading = {
  readonly decimals: number;
  readonly percent: boolean;
  readonly isAbout: boolean;
  readonly implied: boolean;
};

function judge(expected: number, result: number, { decimals, percent, isAbout, implied }: Reading): EquationVerdict {
  const difference = Math.abs(expected - result);
  const size = Math.max(Math.abs(expected), Math.abs(result));
  if (difference <= Math.max(1e-9, size * 1e-9)) return 'right';
  if (decimals > 0 && difference <= 0.51 * 10 ** -decimals) return 'right';
  if (difference <= size * (isAbout ? 0.02 : 0.001)) return 'right';
  if (Number.isInteger(result) && !Number.isInteger(expected) && difference < 1) return 'rounded';
  if (percent || implied || isAbout) return 'unclear';
  if (decimals > 0 && difference <= 10 ** -decimals) return 'rounded';
  const factor = size / Math.max(1e-9, Math.min(Math.abs(expected), Math.abs(result)));
  return UNIT_FACTORS.has(Math.round(factor * 1e4) / 1e4) ? 'unclear' : 'wrong';
}
