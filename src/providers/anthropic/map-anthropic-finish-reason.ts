import { meaningOf } from '../../core/collections/meaning-of.ts';
import type { FinishReason, FinishReasonUnified } from '../../core/completion.ts';
import { textIn } from '../shared/translation/wire-value.ts';

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

/** What a message or its last delta says of its end besides the reason. */
type StopFields = {
  readonly stop_sequence?: unknown;
  /** Source: `RefusalStopDetails` of @anthropic-ai/sdk 1.11.0. */
  readonly stop_details?: unknown;
};

/** Words added later become `other`, never `stop`. */
export function mapAnthropicFinishReason(raw: string, { stop_sequence, stop_details }: StopFields = {}): FinishReason {
  const unified = meaningOf(raw, UNIFIED) ?? 'other';
  const category = textIn(stop_details, 'category');
  const explanation = textIn(stop_details, 'explanation');
  return {
    unified,
    raw,
    ...(typeof stop_sequence === 'string' && { stopSequence: stop_sequence }),
    ...(unified === 'refusal' &&
      (category || explanation) && { refusal: { ...(category && { category }), ...(explanation && { explanation }) } }),
  };
}
