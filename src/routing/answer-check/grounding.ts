import type { Equation } from './equations.ts';
import { sameNumber } from './read-numbers.ts';

/** Where the numbers that an answer works with come from, and where they go. */
export type Grounding = {
  /** Operands that are neither in the question nor worked out before nor common constants. */
  readonly unexplained: number;
  readonly operands: number;
  /** Numbers of the question, in digits, that no equation uses. */
  readonly unusedGiven: number;
  /** Results that no later equation uses and that are not the final answer. */
  readonly unusedResults: number;
};

/** Units of time, money and length, and what a factor or a share is made of. */
const CONSTANTS = new Set([0, 1, 2, 7, 10, 12, 24, 30, 52, 60, 100, 365, 1_000, 0.5]);
/** Beyond so many equations nothing new is learnt. */
const EQUATIONS_MAX = 60;
const KNOWN_MAX = 200;

export function ground(
  equations: readonly Equation[],
  {
    given,
    inWords,
    final,
  }: { readonly given: readonly number[]; readonly inWords: readonly number[]; readonly final: number | undefined },
): Grounding {
  const known = [...given, ...inWords].slice(0, KNOWN_MAX);
  const results: { value: number; isUsed: boolean }[] = [];
  const used: number[] = [];
  let unexplained = 0;
  for (const { operands, result } of equations.slice(0, EQUATIONS_MAX)) {
    for (const operand of operands) {
      used.push(operand);
      for (const earlier of results) if (sameNumber(earlier.value, operand)) earlier.isUsed = true;
      if (!isExplained(operand, known, results)) unexplained += 1;
    }
    results.push({ value: result, isUsed: false });
  }
  const distinct = new Map(
    results.map((result) => [result.value, result.isUsed || (final !== undefined && sameNumber(final, result.value))]),
  );
  return {
    unexplained,
    operands: used.length,
    unusedGiven: given.slice(0, KNOWN_MAX).filter((value) => !used.some((operand) => isFrom(operand, value))).length,
    unusedResults: [...distinct.values()].filter((isUsed) => !isUsed).length,
  };
}

function isExplained(
  operand: number,
  known: readonly number[],
  results: readonly { readonly value: number }[],
): boolean {
  if (CONSTANTS.has(operand)) return true;
  return known.some((value) => isFrom(operand, value)) || results.some(({ value }) => isFrom(operand, value));
}

/** The number itself, as a percentage, or what is left of or added to the whole by it. */
function isFrom(operand: number, value: number): boolean {
  return [
    value,
    -value,
    value / 100,
    value * 100,
    1 - value / 100,
    1 + value / 100,
    100 - value,
    100 + value,
    1 - value,
    1 + value,
    1 / value,
  ].some((form) => sameNumber(operand, form));
}
