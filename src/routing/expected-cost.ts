import type { ModelInfo } from '../core/model.ts';
import type { NanoUsd } from '../core/money.ts';
import { costOf } from '../core/price.ts';
import type { Tier } from '../core/request.ts';
import { NO_USAGE } from '../core/usage.ts';

/**
 * Output a request of each tier usually gets, in tokens: a line, a paragraph, a page, two to three
 * pages, and a long piece with its reasoning. Round figures, for comparing models before a call.
 */
export const OUTPUT_TOKENS_EXPECTED = {
  trivial: 40,
  simple: 150,
  medium: 500,
  complex: 1_200,
  expert: 2_500,
} as const satisfies Record<Tier, number>;

export type CostQuestion = {
  readonly inputTokens: number;
  readonly maxOutputTokens?: number;
  /** Says how long the answer will be. */
  readonly tier: Tier;
};

export type CostEstimate = { readonly costExpected?: NanoUsd; readonly costMax?: NanoUsd };

/** What one call may cost on this model; nothing when its price is unknown. */
export function estimateCost(model: ModelInfo, question: CostQuestion): CostEstimate {
  const { price } = model;
  if (!price) return {};
  const { inputTokens } = question;
  const outputMax = outputTokensLimit(model, question);
  const outputExpected = Math.min(OUTPUT_TOKENS_EXPECTED[question.tier], outputMax);
  return {
    costExpected: costOf({ ...NO_USAGE, inputTokens, outputTokens: outputExpected }, price),
    costMax: costOf({ ...NO_USAGE, inputTokens, outputTokens: outputMax }, price),
  };
}

/** The most the model can answer: what was asked for, what it can write, what its window leaves. */
function outputTokensLimit(model: ModelInfo, { inputTokens, maxOutputTokens }: CostQuestion): number {
  const left = Math.max(0, model.contextTokens - inputTokens);
  return Math.min(maxOutputTokens ?? left, model.outputTokensMax ?? left, left);
}
