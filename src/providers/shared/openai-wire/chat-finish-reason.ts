import { meaningOf } from '../../../core/collections/meaning-of.ts';
import type { FinishReason, FinishReasonUnified } from '../../../core/completion.ts';

const UNIFIED: Readonly<Record<string, FinishReasonUnified>> = {
  stop: 'stop',
  eos: 'stop',
  eos_token: 'stop',
  end_turn: 'stop',
  stop_sequence: 'stop',
  length: 'length',
  max_tokens: 'length',
  // Mistral's word for a window that is full. Source: `FinishReason` of its OpenAPI document.
  model_length: 'length',
  // Those of Z.ai: docs.z.ai/api-reference/llm/chat-completion.
  model_context_window_exceeded: 'length',
  sensitive: 'content_filter',
  tool_calls: 'tool_calls',
  function_call: 'tool_calls',
  content_filter: 'content_filter',
  // Google's address of this wire passes on the words of its own: github.com/HKUDS/Vibe-Trading/pull/308.
  safety: 'content_filter',
  recitation: 'content_filter',
  blocklist: 'content_filter',
  prohibited_content: 'content_filter',
  spii: 'content_filter',
};

/**
 * Theirs to ours. An answer with calls is `tool_calls` whatever it says: a forced tool ends with
 * `stop`. A refusal is told apart by its own field.
 */
export function fromChatFinishReason(
  raw: string,
  seen: { readonly refusal: boolean; readonly toolCalls: boolean },
): FinishReason {
  const unified = meaningOf(raw.trim().toLowerCase(), UNIFIED) ?? 'other';
  if (seen.refusal) return { unified: 'refusal', raw };
  if (seen.toolCalls && (unified === 'stop' || unified === 'other')) return { unified: 'tool_calls', raw };
  return { unified, raw };
}
