import { fromThinkingState, type SignedThinking, toThinkingState } from '../../core/content/signed-thinking.ts';
import type { ReasoningPart, VendorState } from '../../core/message.ts';
import { fromCarriedState, toCarriedState } from '../carried-state.ts';

/**
 * The signature of thinking that Anthropic did not sign. Its own are base64, without a dot; behind
 * the second dot stands the other vendor's state.
 */
const OUR_SIGNATURE = 'signalbox.1';

/**
 * Reasoning as a block that comes back harmlessly: Anthropic's own as it was; another vendor's under a
 * signature of ours, redacted where there is nothing to read. Undefined when nothing is left to say.
 */
export function toThinkingBlock({ text, vendorState }: ReasoningPart): SignedThinking | undefined {
  const signed = fromThinkingState(vendorState);
  if (signed) return signed;
  if (text !== '') return { type: 'thinking', thinking: text, signature: signatureFor(vendorState) };
  return vendorState === undefined ? undefined : { type: 'redacted_thinking', data: signatureFor(vendorState) };
}

/**
 * Another vendor's state with nothing to read, such as Gemini's signature of its text. It is told before further content
 * only: clients (the Claude Agent SDK, `claude -p`) take the last block for the answer, and Gemini does without this state.
 * Source: ai.google.dev/gemini-api/docs/thought-signatures, "non-functionCall parts".
 */
export function isWordlessState({ text, vendorState }: Pick<ReasoningPart, 'text' | 'vendorState'>): boolean {
  return text === '' && vendorState !== undefined && vendorState.kind !== 'anthropic';
}

/** Reasoning from the block a client returns. */
export function fromThinkingBlock(block: SignedThinking): ReasoningPart {
  const signature = block.type === 'thinking' ? block.signature : block.data;
  const text = block.type === 'thinking' ? block.thinking : '';
  const isOurs = signature === OUR_SIGNATURE || signature.startsWith(`${OUR_SIGNATURE}.`);
  if (!isOurs && signature !== '') return { type: 'reasoning', text, vendorState: toThinkingState(block) };
  const vendorState = fromCarriedState(signature.slice(OUR_SIGNATURE.length + 1));
  return { type: 'reasoning', text, ...(vendorState && { vendorState }) };
}

/** What stands where Anthropic's signature would. */
export function signatureFor(state: VendorState | undefined): string {
  const carried = state && toCarriedState(state);
  return carried === undefined ? OUR_SIGNATURE : `${OUR_SIGNATURE}.${carried}`;
}
