import { parseJsonObject } from '../json/json.ts';
import type { VendorState } from '../message.ts';

/** Anthropic's thinking as it has to come back: the signature covers the text, redacted data is opaque. */
export type SignedThinking =
  | { readonly type: 'thinking'; readonly thinking: string; readonly signature: string }
  | { readonly type: 'redacted_thinking'; readonly data: string };

/**
 * A signed or redacted thinking block must come back byte for byte in a tool loop, so the state is
 * the whole block, text included: what others do with the readable text cannot break the signature.
 */
export function toThinkingState(block: SignedThinking): VendorState {
  const kept =
    block.type === 'thinking'
      ? { type: block.type, thinking: block.thinking, signature: block.signature }
      : { type: block.type, data: block.data };
  return { kind: 'anthropic', value: JSON.stringify(kept) };
}

/** The block again; undefined for state of another vendor, which Anthropic would refuse, or none. */
export function fromThinkingState(state: VendorState | undefined): SignedThinking | undefined {
  if (state?.kind !== 'anthropic') return undefined;
  const { type, thinking, signature, data } = parseJsonObject(state.value) ?? {};
  if (type === 'thinking' && typeof thinking === 'string' && typeof signature === 'string') {
    return { type, thinking, signature };
  }
  return type === 'redacted_thinking' && typeof data === 'string' ? { type, data } : undefined;
}
