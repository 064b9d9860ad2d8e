import type { GatewayError } from './errors.ts';
import type { ReasoningPart, TextPart, ToolCallPart, VendorState } from './message.ts';
import type { ParameterName } from './parameters.ts';
import type { Usage } from './usage.ts';

export type FinishReasonUnified = 'stop' | 'length' | 'content_filter' | 'refusal' | 'tool_calls' | 'other';

/** The vendor's word is kept beside ours. */
export type FinishReason = {
  readonly unified: FinishReasonUnified;
  readonly raw: string;
  /** Which of the request's `stop` texts ended the answer, where the vendor says. */
  readonly stopSequence?: string;
  /** Why the vendor refused, where it says. Both are its own words, which may change. */
  readonly refusal?: { readonly category?: string; readonly explanation?: string };
};

/** One answer, of which a request may ask for several. */
export type Choice = {
  readonly content: readonly (TextPart | ReasoningPart | ToolCallPart)[];
  readonly finishReason: FinishReason;
};

/** A whole answer of one provider. */
export type Completion = Choice & {
  /** The second and further answers, when `choices` asked for several. */
  readonly alternatives?: readonly Choice[] | undefined;
  /** Parameters the vendor refused and that were left out, as the request allowed. */
  readonly droppedParameters?: readonly ParameterName[];
  readonly usage: Usage;
  /** The model as the provider reports it; may be dated (`gpt-5-mini-2025-08-07`). */
  readonly model: string;
  readonly providerRequestId?: string;
  /** Its text is left out: the caller had it as a stream, and it was too long to keep. */
  readonly isTextDropped?: true;
};

/**
 * One piece of a streamed answer. A stream always ends with exactly one `finish` or one `error`;
 * it never throws and never just stops. `usage` parts are cumulative: the last one counts.
 * A `reasoning-delta` with `vendorState` closes its reasoning part: the state belongs to the reasoning
 * since the last state, and its text may be empty. A `tool-call` part is the whole call; the
 * `tool-call-delta` parts before it, where a vendor streams arguments, are its pieces as they come.
 */
export type StreamPart =
  | {
      readonly type: 'text-delta';
      readonly text: string;
      /** The model declines in these words, where the vendor keeps them apart from an answer's. */
      readonly isRefusal?: true;
    }
  | { readonly type: 'reasoning-delta'; readonly text: string; readonly vendorState?: VendorState }
  | { readonly type: 'tool-call-delta'; readonly id: string; readonly name: string; readonly argumentsText: string }
  | ({ readonly type: 'tool-call' } & ToolCallPart)
  | { readonly type: 'usage'; readonly usage: Usage }
  | {
      readonly type: 'finish';
      readonly finishReason: FinishReason;
      readonly model: string;
      readonly providerRequestId?: string;
      readonly droppedParameters?: readonly ParameterName[];
    }
  | { readonly type: 'error'; readonly error: GatewayError };

/** The joined text of an answer. */
export function completionText({ content }: Choice): string {
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('');
}
