import type { Choice, FinishReason } from '../../core/completion.ts';

type Stop = {
  readonly stop_reason: string;
  readonly stop_sequence: string | null;
  readonly stop_details: object | null;
};

/** Words of Anthropic's own models that ours are too coarse for. */
const KEPT = new Set(['stop_sequence', 'pause_turn', 'model_context_window_exceeded']);

/** Why an answer ended. A filtered answer is a refusal: this API has no other word for it. */
export function toStop({ finishReason, content }: Choice): Stop {
  const { unified, raw } = finishReason;
  if (KEPT.has(raw)) {
    return { stop_reason: raw, stop_sequence: finishReason.stopSequence ?? null, stop_details: null };
  }
  switch (unified) {
    case 'length':
      return ended('max_tokens');
    case 'content_filter':
    case 'refusal':
      return { ...ended('refusal'), stop_details: toStopDetails(finishReason) };
    case 'tool_calls':
    case 'stop':
    case 'other':
      // Some servers say "stop" after a tool call, or announce calls that never come; clients go by the reason alone.
      return ended(content.some((part) => part.type === 'tool-call') ? 'tool_use' : 'end_turn');
  }
}

function toStopDetails({ refusal }: FinishReason): object {
  return { type: 'refusal', category: refusal?.category ?? null, explanation: refusal?.explanation ?? null };
}

function ended(reason: string): Stop {
  return { stop_reason: reason, stop_sequence: null, stop_details: null };
}
