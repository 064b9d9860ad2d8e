import { dearestPrice } from '../core/dearest-price.ts';
import type { ModelInfo, Price } from '../core/model.ts';
import type { NanoUsd } from '../core/money.ts';
import { affordableOutputTokens, costOfText } from '../core/price.ts';
import type { Tier } from '../core/request.ts';
import type { Candidate } from '../core/route-plan.ts';
import type { InputSize } from './estimate-input-tokens.ts';
import { inputTokenBound } from './input-token-bound.ts';

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

export type CostQuestion = InputSize & {
  readonly maxOutputTokens?: number | undefined;
  /** How many answers are asked for; absent for one. Each is as long as one, and the prompt is billed once. */
  readonly choices?: number | undefined;
  /** Says how long the answer will be. */
  readonly tier: Tier;
  /** The most the caller wants to spend. */
  readonly costMax?: NanoUsd | undefined;
};

export type CostEstimate = Pick<Candidate, 'costExpected' | 'costMax' | 'costBound' | 'outputTokensCap'>;

/** What one call may cost on this model, as usual and at most; nothing when its price is unknown. */
export function estimateCost(model: ModelInfo, question: CostQuestion): CostEstimate {
  const { price } = model;
  if (!price) return UNKNOWN;
  const { inputTokens, inputBound, choices = 1 } = question;
  const dearest = dearestPrice(price, inputBound);
  // A prompt that is larger than the window by estimate is refused for that, and has a cost all the same.
  const inputTokensMax = Math.max(inputTokens, Math.min(inputTokenBound(inputBound, model.name), windowMax(model)));
  const outputLimit = outputTokensLimit(model, question);
  const outputExpected = Math.min(OUTPUT_TOKENS_EXPECTED[question.tier], outputLeft(model, question), outputLimit);
  const cap = outputCap(dearest, inputTokensMax, question);
  // A limit that does not even leave room for the usual answer is no cap but a refusal.
  const capped = cap < outputLimit && cap >= Math.max(1, outputExpected);
  const outputMax = capped ? cap : outputLimit;
  return {
    costExpected: costOfText(inputTokens, outputExpected * choices, price),
    costMax: costOfText(inputTokensMax, outputMax * choices, dearest),
    costBound: {
      inputTokensMax,
      dearest,
      outputTokensMax: outputMax,
      outputTokensUseful: outputExpected,
      choices,
    },
    outputTokensCap: capped ? cap : undefined,
  };
}

const UNKNOWN: CostEstimate = {};

/** What the caller's cost limit leaves for the answer, when it did not limit the answer itself. */
function outputCap(dearest: Price, inputTokensMax: number, question: CostQuestion): number {
  const { maxOutputTokens, choices = 1, costMax } = question;
  if (costMax === undefined || maxOutputTokens !== undefined) return Number.POSITIVE_INFINITY;
  return Math.floor(affordableOutputTokens(dearest, inputTokensMax, costMax) / choices);
}

/** A window that is only guessed bounds nothing. */
function windowMax({ contextTokens, isContextGuessed }: ModelInfo): number {
  return isContextGuessed ? Number.POSITIVE_INFINITY : contextTokens;
}

/**
 * The most the model can answer: what was asked for, what it can write, what its window holds. The prompt may take
 * less of the window than the estimate says, so a window that is known is not made smaller by it.
 */
function outputTokensLimit(model: ModelInfo, question: CostQuestion): number {
  const room = model.isContextGuessed ? outputLeft(model, question) : model.contextTokens;
  return Math.min(question.maxOutputTokens ?? room, model.outputTokensMax ?? room, windowMax(model));
}

/** By the estimate of the prompt. */
function outputLeft({ contextTokens }: ModelInfo, { inputTokens }: CostQuestion): number {
  return Math.max(0, contextTokens - inputTokens);
}
