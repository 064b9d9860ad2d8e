import type { AttemptOutcome } from '../core/books.ts';
import { TextJoiner } from '../core/content/text-joiner.ts';
import type { GatewayError } from '../core/errors.ts';
import type { ModelInfo } from '../core/model.ts';
import { type NanoUsd, ZERO_USD } from '../core/money.ts';
import { knownCostOf } from '../core/price.ts';
import { NO_USAGE, totalInputTokens, type Usage } from '../core/usage.ts';

/** What was seen of one attempt while it ran. */
export type AttemptTrace = {
  sent: boolean;
  /** All content received, for the estimate when the provider does not get to report. */
  readonly received: TextMeter;
  /** The provider's latest cumulative report. */
  usage: Usage | undefined;
  firstContentAtMs: number | undefined;
};

export function createAttemptTrace(estimate: UsageEstimate): AttemptTrace {
  return { sent: false, received: new TextMeter(estimate), usage: undefined, firstContentAtMs: undefined };
}

/** Token estimates where the provider does not report. */
export type UsageEstimate = { readonly inputTokens: number; readonly outputTokens: (text: string) => number };

/** So much text is kept to be estimated as one; what a longer one holds at the seams is a token more or less. */
const METERED_CHARS = 16_384;

/** Estimates the tokens of a text that comes in pieces, without keeping it. */
export class TextMeter {
  readonly #estimate: UsageEstimate;
  #text = new TextJoiner();
  #tokensBefore = 0;

  constructor(estimate: UsageEstimate) {
    this.#estimate = estimate;
  }

  get isEmpty(): boolean {
    return this.#tokensBefore === 0 && this.#text.length === 0;
  }

  /** By estimate; 0 of nothing. */
  get tokens(): number {
    return this.#text.length === 0
      ? this.#tokensBefore
      : this.#tokensBefore + this.#estimate.outputTokens(this.#text.toString());
  }

  add(piece: string): void {
    this.#text.add(piece);
    if (this.#text.length < METERED_CHARS) return;
    this.#tokensBefore = this.tokens;
    this.#text = new TextJoiner();
  }
}

/** Does the provider say nothing of what the model wrote, or that it was nothing? */
export function lacksOutput({ outputTokens }: Usage): boolean {
  return outputTokens === 0;
}

/** The provider's usage; what it left out, in whole or in part, is estimated, and the source says so. */
export function usageOrEstimate(reported: Usage, received: TextMeter, estimate: UsageEstimate): Usage {
  const isLeftOut = reported.source === 'partial' || reported.source === 'none';
  return isLeftOut ? completed(reported, received.tokens, estimate) : withoutHollowZeros(reported, received, estimate);
}

/**
 * Servers that do not count say zero. No model writes without a token, and none is asked without one: of an answer with
 * content such a zero is no count. Without content it may be one, as of what a filter kept from the model.
 */
function withoutHollowZeros(reported: Usage, received: TextMeter, estimate: UsageEstimate): Usage {
  const { outputTokens } = reported;
  const isAnswer = outputTokens > 0 || !received.isEmpty;
  if (!isAnswer || (outputTokens > 0 && totalInputTokens(reported) > 0)) return reported;
  return completed(reported, outputTokens === 0 ? received.tokens : 0, estimate);
}

export type Ending = Pick<AttemptOutcome, 'status' | 'usage'>;

/**
 * How a failed attempt whose bytes left is booked. An answer with an error status was not billed;
 * whatever was cut, by us or by them, may have been, so it is booked with the usage reported so
 * far, completed by an estimate.
 */
export function failedEnding(error: GatewayError, trace: AttemptTrace, estimate: UsageEstimate): Ending {
  if (error.usage && error.usage.source !== 'none')
    return { status: 'settled', usage: usageOrEstimate(error.usage, trace.received, estimate) };
  const started = !trace.received.isEmpty || trace.usage !== undefined;
  switch (error.code) {
    case 'cancelled':
    case 'deadline_exceeded':
      return { status: 'cancelled', usage: partialUsage(trace, estimate) };
    default:
      if (started) return { status: 'truncated', usage: partialUsage(trace, estimate) };
      if (error.code === 'stream_truncated') return { status: 'truncated', usage: partialUsage(trace, estimate) };
      if (wasRefused(error)) return { status: 'failed_unbilled', usage: NO_USAGE };
      return { status: 'unknown', usage: partialUsage(trace, estimate) };
  }
}

/** The provider said no: by an error status, or by an error event before any content. */
function wasRefused(error: GatewayError): boolean {
  if (error.status !== undefined && error.status >= 300) return true;
  return error.vendorCode !== undefined && error.code !== 'malformed_response';
}

function partialUsage(trace: AttemptTrace, estimate: UsageEstimate): Usage {
  return completed(trace.usage ?? NO_USAGE, trace.received.tokens, estimate);
}

/** A side without a count was not reported: nothing goes out or comes back without a token. */
function completed({ undividedTokens, ...usage }: Usage, outputEstimated: number, estimate: UsageEstimate): Usage {
  const asked = totalInputTokens(usage);
  if (undividedTokens !== undefined) {
    // What was not seen is taken for output, as thoughts are: the dearer reading.
    const inputTokens = Math.min(estimate.inputTokens, Math.max(0, undividedTokens - outputEstimated));
    return { ...usage, inputTokens, outputTokens: undividedTokens - inputTokens, source: 'partial' };
  }
  return {
    ...usage,
    inputTokens: asked > 0 ? usage.inputTokens : estimate.inputTokens,
    outputTokens: Math.max(usage.outputTokens, outputEstimated),
    source: asked + usage.outputTokens > 0 ? 'partial' : 'estimated',
  };
}

/** The cost of an ending: nothing when nothing was billed, absent when the price is unknown, also of how it was served. */
export function endingCost({ status, usage }: Ending, { price }: ModelInfo): NanoUsd | undefined {
  if (status === 'failed_unbilled') return ZERO_USD;
  return price && knownCostOf(usage, price);
}
