import { type NanoUsd, nanoUsd } from '../../core/money.ts';
import { costOfText } from '../../core/price.ts';
import type { Candidate } from '../../core/route-plan.ts';
import type { OutputCut } from '../../resilience/attempt-terms.ts';

/** What one attempt can cost, and how that depends on the length of its answer. */
export type AttemptCost = {
  readonly expected: NanoUsd;
  readonly most: NanoUsd;
  /** With an answer that is just of use. */
  readonly least: NanoUsd;
  readonly usual: NanoUsd;
  readonly inputMost: NanoUsd;
  readonly outputTokensMax: number;
  /** Of all answers asked for together, at the length that is of use. */
  readonly outputTokensUsual: number;
  /**
   * Nobody else keeps the answer this short, so the provider is told: the configuration says so, or the window is a
   * guess. Elsewhere vendors keep their own limits, and count what they are told against the limits of the account.
   */
  readonly mustSay: boolean;
};

/** So long an answer leaves most people nothing to wish for; one that named its limit is granted that. */
const OUTPUT_TOKENS_USUAL = 8_192;

type Demand = { readonly extraInputTokens?: number; readonly maxOutputTokens?: number | undefined };

/** Undefined when the price is unknown. `extraInputTokens`: sent beside what the plan counted, at most. */
export function costOfAttempt(candidate: Candidate, { extraInputTokens = 0, maxOutputTokens }: Demand) {
  const { costExpected, costBound, model } = candidate;
  if (costExpected === undefined || !costBound) return undefined;
  const { dearest, choices, outputTokensMax, outputTokensUseful } = costBound;
  const inputTokens = costBound.inputTokensMax + extraInputTokens;
  const withOutput = (tokens: number) => costOfText(inputTokens, tokens * choices, dearest);
  const inputMost = withOutput(0);
  const extra = extraInputTokens === 0 ? 0 : inputMost - costOfText(costBound.inputTokensMax, 0, dearest);
  // No answer is shorter than a token, wherever it is cut.
  const useful = Math.min(Math.max(1, outputTokensUseful), outputTokensMax);
  const usual = maxOutputTokens === undefined ? Math.min(OUTPUT_TOKENS_USUAL, outputTokensMax) : outputTokensMax;
  return {
    expected: nanoUsd(costExpected + extra),
    most: withOutput(outputTokensMax),
    least: withOutput(useful),
    usual: withOutput(usual),
    inputMost,
    outputTokensMax,
    outputTokensUsual: useful * choices,
    mustSay: model.isOutputMaxConfigured === true || model.isContextGuessed === true,
  } satisfies AttemptCost;
}

/** How long the answer may be when the attempt must not cost more than this. */
export function cutFor(cost: AttemptCost, granted: NanoUsd): OutputCut | undefined {
  const { most, inputMost, outputTokensMax, mustSay } = cost;
  if (granted >= most) return mustSay ? { outputTokensMax, isCut: false } : undefined;
  // A share of the tokens never costs more than that share of the money: also of what was rounded, each time as a whole.
  const share = (BigInt(outputTokensMax) * BigInt(granted - inputMost)) / BigInt(most - inputMost);
  return { outputTokensMax: Math.max(1, Number(share)), isCut: true };
}
