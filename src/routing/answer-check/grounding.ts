import type { Equation } from './equations.ts';
import { sameNumber } from './read-numbers.ts';

/** What becomes of the numbers that an answer has. */
export type Grounding = {
  /** Numbers of the question, in digits, that no equation uses. */
  readonly unusedGiven: number;
  /** Results that no later equation uses and that are not the final answer. */
  readonly unusedResults: number;
};

/** Beyond so many equations nothing new is learnt. */
const EQUATIONS_MAX = 60;
const KNOWN_MAX = 50;
/** Of one equation; a sum of more is a list. */
const OPERANDS_MAX = 20;

export function ground(
  equations: readonly Equation[],
  { given, final }: { readonly given: readonly number[]; readonly final: number | undefined },
): Grounding {
  const results: { value: number; isUsed: boolean }[] = [];
  const used: number[] = [];
  for (const { operands, result } of equations.slice(0, EQUATIONS_MAX)) {
    for (const operand of operands.slice(0, OPERANDS_MAX)) {
      used.push(operand);
      for (const earlier of results) if (sameNumber(earlier.value, operand)) earlier.isUsed = true;
    }
    results.push({ value: result, isUsed: false });
  }
  const distinct = new Map(
    results.map((result) => [result.value, result.isUsed || (final !== undefined && sameNumber(final, result.value))]),
  );
  return {
    unusedGiven: given.slice(0, KNOWN_MAX).filter((value) => !used.some((operand) => isFrom(operand, value))).length,
    unusedResults: [...distinct.values()].filter((isUsed) => !isUsed).length,
  };
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
