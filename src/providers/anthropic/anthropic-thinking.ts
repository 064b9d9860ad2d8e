import type {
  RedactedThinkingBlock,
  RedactedThinkingBlockParam,
  ThinkingBlock,
  ThinkingBlockParam,
} from '@anthropic-ai/sdk/resources/messages';
import { parseJsonObject } from '../../core/json.ts';
import type { ReasoningPart, VendorState } from '../../core/message.ts';

/**
 * A signed or redacted thinking block must come back byte for byte in a tool loop, so the state is
 * the whole block, text included: what others do with the readable text cannot break the signature.
 */
export function toThinkingState(block: ThinkingBlock | RedactedThinkingBlock): VendorState {
  const kept =
    block.type === 'thinking'
      ? { type: block.type, thinking: block.thinking, signature: block.signature }
      : { type: block.type, data: block.data };
  return { kind: 'anthropic', value: JSON.stringify(kept) };
}

/** The block to send back; undefined for reasoning of another vendor, which Anthropic would refuse. */
export function fromThinkingState(part: ReasoningPart): ThinkingBlockParam | RedactedThinkingBlockParam | undefined {
  if (part.vendorState?.kind !== 'anthropic') return undefined;
  const { type, thinking, signature, data } = parseJsonObject(part.vendorState.value) ?? {};
  if (type === 'thinking' && typeof thinking === 'string' && typeof signature === 'string') {
    return { type, thinking, signature };
  }
  return type === 'redacted_thinking' && typeof data === 'string' ? { type, data } : undefined;
}
