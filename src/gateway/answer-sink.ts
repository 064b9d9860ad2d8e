import type { StreamPart } from '../core/completion.ts';
import type { Candidate } from '../core/route-plan.ts';

/** A part of an answer that the caller gets while it arrives. */
export type LivePart = Extract<
  StreamPart,
  { type: 'text-delta' | 'reasoning-delta' | 'tool-call-delta' | 'tool-call' | 'usage' }
>;

/** Takes the parts of one attempt. */
export interface PartSink {
  /** The attempt's bytes left. */
  sent(): void;
  /** Undefined when there was room, else resolves when the caller has taken enough. */
  put(part: LivePart): Promise<void> | undefined;
}

/** Where a streamed answer goes. From its first content on the answer is this candidate's, for better or worse. */
export interface AnswerSink {
  /** Has content reached the caller? */
  readonly isOpen: boolean;
  /** `outputTokensCut`: a budget lets the answer be no longer than this. */
  attemptOf(candidate: Candidate, outputTokensCut?: number): PartSink;
}
