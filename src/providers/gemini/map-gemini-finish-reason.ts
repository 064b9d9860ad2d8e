import { meaningOf } from '../../core/collections/meaning-of.ts';
import type { FinishReason, FinishReasonUnified } from '../../core/completion.ts';

const UNIFIED: Readonly<Record<string, FinishReasonUnified>> = {
  STOP: 'stop',
  // Not the vendor's word, but one of servers that speak its wire.
  FUNCTION_CALL: 'tool_calls',
  MAX_TOKENS: 'length',
  // The vendor offers a token to go on with; the answer so far is cut.
  CONTINUATION: 'length',
  SAFETY: 'content_filter',
  RECITATION: 'content_filter',
  BLOCKLIST: 'content_filter',
  PROHIBITED_CONTENT: 'content_filter',
  SPII: 'content_filter',
  IMAGE_SAFETY: 'content_filter',
  IMAGE_PROHIBITED_CONTENT: 'content_filter',
  IMAGE_RECITATION: 'content_filter',
};

/** The model wrote nonsense where a tool call or an answer belonged; asking again usually helps. */
const MALFORMED: ReadonlySet<string> = new Set([
  'MALFORMED_FUNCTION_CALL',
  'UNEXPECTED_TOOL_CALL',
  'MALFORMED_RESPONSE',
]);

/** Gemini says STOP for tool calls too. Words added later become `other`, never `stop`. */
export function mapGeminiFinishReason(raw: string, hasToolCalls: boolean): FinishReason {
  const unified = meaningOf(raw, UNIFIED) ?? 'other';
  return { unified: unified === 'stop' && hasToolCalls ? 'tool_calls' : unified, raw };
}

export function isMalformedFinish(raw: string): boolean {
  return MALFORMED.has(raw);
}
