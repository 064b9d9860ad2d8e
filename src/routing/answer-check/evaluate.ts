import type { Operator } from './equation-tokens.ts';

/** An expression in reading order; brackets are balanced. */
export type Item = number | Operator | '(' | ')';

const PRECEDENCE: Readonly<Record<Operator, number>> = { '+': 1, '-': 1, '*': 2, '/': 2, '^': 3 };

/** The value of an expression, or nothing when it is none. */
export function evaluate(items: readonly Item[]): number | undefined {
  const values: number[] = [];
  const waiting: (Operator | '(')[] = [];
  for (const item of items) {
    if (typeof item === 'number') values.push(item);
    else if (item === '(') waiting.push(item);
    else if (item === ')') {
      while (waiting.length > 0 && waiting.at(-1) !== '(')
        if (!apply(values, waiting.pop() as Operator)) return undefined;
      if (waiting.pop() !== '(') return undefined;
    } else {
      while (isBefore(waiting.at(-1), item)) if (!apply(values, waiting.pop() as Operator)) return undefined;
      waiting.push(item);
    }
  }
  while (waiting.length > 0) {
    const operator = waiting.pop() as Operator | '(';
    if (operator === '(' || !apply(values, operator)) return undefined;
  }
  const [value, ...rest] = values;
  return rest.length === 0 && Number.isFinite(value) ? value : undefined;
}

function isBefore(earlier: Operator | '(' | undefined, later: Operator): boolean {
  return earlier !== undefined && earlier !== '(' && PRECEDENCE[earlier] >= PRECEDENCE[later];
}

function apply(values: number[], operator: Operator): boolean {
  const right = values.pop();
  const left = values.pop();
  if (left === undefined || right === undefined) return false;
  values.push(OPERATIONS[operator](left, right));
  return true;
}

const OPERATIONS: Readonly<Record<Operator, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '^': (left, right) => left ** right,
};
