import type { FinishReason, FinishReasonUnified } from '../../core/completion.ts';

const UNIFIED: Readonly<Record<string, FinishReasonUnified>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool_calls',
  refusal: 'refusal',
  // Not the end: the vendor wants the turn sent back to go on, so it must not pass for a whole answer.
  pause_turn: 'other',
};

/** Words added later become `other`, never `stop`. */
export function mapAnthropicFinishReason(raw: string, stopSequence?: string | null): FinishReason {
  return { unified: UNIFIED[raw] ?? 'other', raw, ...(typeof stopSequence === 'string' && { stopSequence }) };
}
