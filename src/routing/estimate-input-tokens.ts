import { hashEnds, recall } from './complexity/recall.ts';
import { estimateMeasuredText, estimateTextTokens } from './estimate-tokens.ts';
import { boundInput, type InputBound } from './input-token-bound.ts';
import { type CountedRequest, readInput, type SentInput } from './read-input.ts';

/** Role and separators around each message, as OpenAI documents for its chat format. */
const MESSAGE_OVERHEAD_TOKENS = 4;
const REPLY_PRIMING_TOKENS = 3;
const TOOL_OVERHEAD_TOKENS = 12;
/**
 * Flat for an image, whose size is unknown before it is decoded: above OpenAI's 1,105 for a large
 * one at high detail and Anthropic's 1,568 at most (width × height / 750 of its largest size).
 */
export const IMAGE_TOKENS = 1_600;
/** Text and picture of a page of a PDF: 1,500 to 3,000 at Anthropic, as its guide to PDFs says, and less elsewhere. */
const PAGE_TOKENS = 2_000;

/** Of so many of the latest texts, and no longer ones, the estimate is remembered when they come again, as to the cache. */
const REMEMBERED = 256;
const REMEMBERED_CHARS_MAX = 4_096;

const recallTextTokens = recall({
  answer: estimateTextTokens,
  hash: hashEnds,
  isSame: (left: string, right: string) => left === right,
  slots: REMEMBERED,
});

/** How large the input of a request is. */
export type InputSize = {
  /** By estimate. */
  readonly inputTokens: number;
  /** At most. */
  readonly inputBound: InputBound;
};

/** Of everything that is sent: messages, images, documents, tools and the answer's schema. */
export function measureInput(request: CountedRequest): InputSize {
  const input = readInput(request);
  const inputTokens = estimateTokens(input);
  return { inputTokens, inputBound: boundInput(input, inputTokens) };
}

export function estimateInputTokens(request: CountedRequest): number {
  return estimateTokens(readInput(request));
}

function estimateTokens({ text, images, pages, messages, tools }: SentInput): number {
  return (
    (text.length > REMEMBERED_CHARS_MAX ? estimateMeasuredText(text, text.bytes) : recallTextTokens(text.toString())) +
    images * IMAGE_TOKENS +
    pages * PAGE_TOKENS +
    tools * TOOL_OVERHEAD_TOKENS +
    messages * MESSAGE_OVERHEAD_TOKENS +
    REPLY_PRIMING_TOKENS
  );
}
