import type { ModelInfo, Price } from '../core/model.ts';
import type { NanoUsd } from '../core/money.ts';
import { affordableOutputTokens, costOf } from '../core/price.ts';
import type { Tier } from '../core/request.ts';
import type { Candidate } from '../core/route-plan.ts';
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
  /** How many answers are asked for; absent for one. Each is as long as one, and the prompt is billed once. */
  readonly choices?: number;
  /** Says how long the answer will be. */
  readonly tier: Tier;
  /** The most the caller wants to spend. */
  readonly costMax?: NanoUsd;
};

export type CostEstimate = Pick<Candidate, 'costExpected' | 'costMax' | 'costBound' | 'outputTokensCap'>;

/** What one call may cost on this model; nothing when its price is unknown. */
export function estimateCost(model: ModelInfo, question: CostQuestion): CostEstimate {
  const { price } = model;
  if (!price) return {};
  const { inputTokens, choices = 1 } = question;
  const outputLimit = outputTokensLimit(model, question);
  const outputExpected = Math.min(OUTPUT_TOKENS_EXPECTED[question.tier], outputLimit);
  const cap = outputCap(price, question);
  // A limit that does not even leave room for the usual answer is no cap but a refusal.
  const capped = cap < outputLimit && cap >= outputExpected;
  const outputMax = capped ? cap : outputLimit;
  return {
    costExpected: costOf({ ...NO_USAGE, inputTokens, outputTokens: outputExpected * choices }, price),
    costMax: costOf({ ...NO_USAGE, inputTokens, outputTokens: outputMax * choices }, price),
    costBound: {
      inputCostMax: costOf({ ...NO_USAGE, inputTokens }, price),
      outputTokensMax: outputMax,
      outputTokensUseful: outputExpected,
    },
    ...(capped && { outputTokensCap: cap }),
  };
}

/** What the caller's cost limit leaves for the answer, when it did not limit the answer itself. */
function outputCap(price: Price, question: CostQuestion): number {
  const { inputTokens, maxOutputTokens, choices = 1, costMax } = question;
  if (costMax === undefined || maxOutputTokens !== undefined) return Number.POSITIVE_INFINITY;
  return Math.floor(affordableOutputTokens(price, inputTokens, costMax) / choices);
}

/** The most the model can answer: what was asked for, what it can write, what its window leaves. */
function outputTokensLimit(model: ModelInfo, { inputTokens, maxOutputTokens }: CostQuestion): number {
  const left = Math.max(0, model.contextTokens - inputTokens);
  return Math.min(maxOutputTokens ?? left, model.outputTokensMax ?? left, left);
}
