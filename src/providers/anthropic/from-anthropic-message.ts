import type { ContentBlock, Message, ToolUseBlock } from '@anthropic-ai/sdk/resources/messages';
import type { Completion } from '../../core/completion.ts';
import { toThinkingState } from '../../core/content/signed-thinking.ts';
import { GatewayError } from '../../core/errors.ts';
import type { ToolCallPart } from '../../core/message.ts';
import { ToolCallIds } from '../shared/translation/tool-call-id.ts';
import { fromAnthropicUsage } from './anthropic-usage.ts';
import { mapAnthropicFinishReason } from './map-anthropic-finish-reason.ts';

/** A whole answer. Blocks of server tools, which Signalbox never asks for, are left out. */
export function fromAnthropicMessage(message: Message): Completion {
  if (message?.type !== 'message' || !Array.isArray(message.content) || typeof message.stop_reason !== 'string') {
    throw new GatewayError('malformed_response', 'the answer is not a message.', {
      usage: fromAnthropicUsage(message?.usage, 'reported'),
    });
  }
  const ids = new ToolCallIds();
  return {
    content: message.content.flatMap((block) => fromBlock(block, ids)),
    finishReason: mapAnthropicFinishReason(message.stop_reason, message),
    usage: fromAnthropicUsage(message.usage, 'reported'),
    model: message.model,
  };
}

/** Other servers of this wire are less strict with ids and names than the vendor. */
export function calledIn({ id, name }: ToolUseBlock, ids: ToolCallIds): Pick<ToolCallPart, 'id' | 'name'> {
  if (!name) throw new GatewayError('malformed_response', 'it answered a tool call without a name.');
  return { id: ids.take(id), name };
}

function fromBlock(block: ContentBlock, ids: ToolCallIds): Completion['content'] {
  switch (block.type) {
    case 'text':
      return block.text ? [{ type: 'text', text: block.text }] : [];
    case 'thinking':
      return [{ type: 'reasoning', text: block.thinking, vendorState: toThinkingState(block) }];
    case 'redacted_thinking':
      return [{ type: 'reasoning', text: '', vendorState: toThinkingState(block) }];
    case 'tool_use':
      return [{ type: 'tool-call', ...calledIn(block, ids), argumentsJson: JSON.stringify(block.input ?? {}) }];
    default:
      return [];
  }
}
