import type { ContentBlock, Message, ToolUseBlock } from '@anthropic-ai/sdk/resources/messages';
import type { Completion } from '../../core/completion.ts';
import { toThinkingState } from '../../core/content/signed-thinking.ts';
import { GatewayError } from '../../core/errors.ts';
import type { ToolCallPart } from '../../core/message.ts';
import { keepingUsage } from '../shared/translation/keeping-usage.ts';
import { ToolCallIds } from '../shared/translation/tool-call-id.ts';
import { toText } from '../shared/translation/wire-value.ts';
import { fromAnthropicUsage } from './anthropic-usage.ts';
import { mapAnthropicFinishReason } from './map-anthropic-finish-reason.ts';

/** A whole answer. Blocks of server tools, which Signalbox never asks for, are left out. */
export function fromAnthropicMessage(
  message: Message,
  requestedModel: string,
  ids: ToolCallIds = new ToolCallIds(),
): Completion {
  const usage = fromAnthropicUsage(message?.usage, 'reported');
  if (message?.type !== 'message' || !Array.isArray(message.content) || typeof message.stop_reason !== 'string') {
    throw new GatewayError('malformed_response', 'the answer is not a message.', { usage });
  }
  return {
    content: keepingUsage(usage, () => message.content.flatMap((block) => fromBlock(block, ids))),
    finishReason: mapAnthropicFinishReason(message.stop_reason, message),
    usage,
    model: toText(message.model) || requestedModel,
  };
}

/** What is no text says nothing, as with the other vendors. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** Other servers of this wire are less strict with ids and names than the vendor. */
export function calledIn(block: ToolUseBlock, ids: ToolCallIds): Pick<ToolCallPart, 'id' | 'name'> {
  const name = toText(block.name);
  if (!name) throw new GatewayError('malformed_response', 'it answered a tool call without a name.');
  return { id: ids.take(toText(block.id)), name };
}

function fromBlock(block: ContentBlock, ids: ToolCallIds): Completion['content'] {
  switch (block.type) {
    case 'text':
      return isText(block.text) ? [{ type: 'text', text: block.text }] : [];
    case 'thinking': {
      const thinking = toText(block.thinking) ?? '';
      return [{ type: 'reasoning', text: thinking, vendorState: toThinkingState({ ...block, thinking }) }];
    }
    case 'redacted_thinking':
      return [{ type: 'reasoning', text: '', vendorState: toThinkingState(block) }];
    case 'tool_use':
      return [{ type: 'tool-call', ...calledIn(block, ids), argumentsJson: JSON.stringify(block.input ?? {}) }];
    default:
      return [];
  }
}
