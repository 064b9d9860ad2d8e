import type { VendorState } from '../../core/message.ts';
import type { ChatRequest } from '../../core/request.ts';

/** What the form of an answer depends on besides the answer. */
export type AnswerForm = {
  /**
   * Was thinking asked for? If not, a client may take the first block for the text, so only thinking
   * that Anthropic wants back is shown, as its own API does.
   */
  readonly showsReasoning: boolean;
};

export function answerForm({ thinking }: ChatRequest): AnswerForm {
  return { showsReasoning: thinking !== undefined && thinking.type !== 'off' };
}

export function isShown(state: VendorState | undefined, { showsReasoning }: AnswerForm): boolean {
  return showsReasoning || state?.kind === 'anthropic';
}
