import type { ChatParameters, ReasoningEffort } from '../../../core/parameters.ts';

/** Budgets in tokens. No vendor publishes what its words come to; these keep their order. */
const BUDGET_TOKENS: Readonly<Record<ReasoningEffort, number>> = {
  none: 0,
  minimal: 1_024,
  low: 2_048,
  medium: 8_192,
  high: 16_384,
  xhigh: 24_576,
  max: 32_768,
};

/** For vendors that take a budget where a word was asked for. */
export function budgetOfEffort(effort: ReasoningEffort): number {
  return BUDGET_TOKENS[effort];
}

/** For vendors that take a word where a budget was asked for. */
export function effortOfBudget(budgetTokens: number): 'low' | 'medium' | 'high' {
  if (budgetTokens <= BUDGET_TOKENS.low) return 'low';
  return budgetTokens <= BUDGET_TOKENS.medium ? 'medium' : 'high';
}

/** The word for both ways to ask; the explicit one wins. Undefined leaves it to the model. */
export function askedEffort({ reasoningEffort, thinking }: ChatParameters): ReasoningEffort | undefined {
  if (reasoningEffort !== undefined) return reasoningEffort;
  switch (thinking?.type) {
    case 'enabled':
      return effortOfBudget(thinking.budgetTokens);
    case 'off':
      return 'none';
    default:
      return undefined;
  }
}
