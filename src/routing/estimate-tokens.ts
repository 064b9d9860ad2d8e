import { Buffer } from 'node:buffer';
import { estimateTokenCount, type TokenEstimationOptions } from 'tokenx';
import { estimateInOnePass } from './estimate-in-one-pass.ts';

/** Longer texts are estimated from this many evenly spaced windows. */
const SAMPLE_WINDOWS = 6;
const WINDOW_CHARS = 208;
/** Extrapolation must not err downwards. */
const SAMPLE_MARGIN = 1.1;
/** No tokenizer does better over a long text; holds for white space, which tokenx counts as nothing. */
const CHARS_PER_TOKEN_MAX = 12;

/**
 * What tokenx prices too low: identifiers, hashes and base64, scripts it does not know, symbols.
 * Characters a token, chosen low.
 */
export const DENSE_TEXT: TokenEstimationOptions = {
  languageConfigs: [
    { pattern: /^(?=[A-Za-z]*\d)[A-Za-z\d]{12,}$|^[A-Za-z]{40,}$/, averageCharsPerToken: 2.2 },
    { pattern: /[\u0370-\u04ff\u0530-\u07ff]/, averageCharsPerToken: 2.8 },
    { pattern: /[\u0800-\u1cff]/, averageCharsPerToken: 1.7 },
    { pattern: /[\u2600-\u27bf\ud800-\udfff\ue000-\uf8ff]/, averageCharsPerToken: 0.6 },
  ],
};

/**
 * Estimated tokens of a text, rather too many than too few. Exact tokenizers take seconds on
 * hostile text, so this is a heuristic; the books use the provider's own figure. Long texts are
 * sampled and scaled by their UTF-8 bytes, which keep step with tokens in every script.
 */
export function estimateTextTokens(text: string): number {
  return estimateMeasuredText(text, Buffer.byteLength(text));
}

/** A text, or what reads like one. */
type Sliceable = Pick<string, 'length' | 'slice'>;

/** The same, of a text whose bytes have been counted. */
export function estimateMeasuredText(text: Sliceable, textBytes: number): number {
  if (text.length === 0) return 0;
  return Math.ceil(Math.max(estimateSampled(text, textBytes), text.length / CHARS_PER_TOKEN_MAX));
}

function estimateWhole(text: string): number {
  return estimateInOnePass(text, estimateByTokenx) ?? estimateByTokenx(text);
}

function estimateByTokenx(text: string): number {
  return estimateTokenCount(text, DENSE_TEXT);
}

function estimateSampled(text: Sliceable, textBytes: number): number {
  if (text.length <= SAMPLE_WINDOWS * WINDOW_CHARS) return estimateWhole(text.slice(0, text.length));
  const stride = (text.length - WINDOW_CHARS) / (SAMPLE_WINDOWS - 1);
  let tokens = 0;
  let bytes = 0;
  for (let window = 0; window < SAMPLE_WINDOWS; window += 1) {
    const start = Math.floor(window * stride);
    const part = text.slice(start, start + WINDOW_CHARS);
    tokens += estimateWhole(part);
    bytes += Buffer.byteLength(part);
  }
  return (tokens / bytes) * textBytes * SAMPLE_MARGIN;
}
