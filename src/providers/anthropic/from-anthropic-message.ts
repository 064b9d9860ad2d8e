import type { ContentBlock, Message } from '@anthropic-ai/sdk/resources/messages';
import type { Completion } from '../../core/completion.ts';
import { GatewayError } from '../../core/errors.ts';
import { toThinkingState } from '../../core/signed-thinking.ts';
import { fromAnthropicUsage } from './anthropic-usage.ts';
import { mapAnthropicFinishReason } from './map-anthropic-finish-reason.ts';

/** A whole answer. Blocks of server tools, which Signalbox never asks for, are left out. */
export function fromAnthropicMessage(message: Message): Completion {
  if (message?.type !== 'message' || !Array.isArray(message.content) || typeof message.stop_reason !== 'string') {
    throw new GatewayError('malformed_response', 'the answer is not a message.');
  }
  return {
    content: message.content.flatMap(fromBlock),
    finishReason: mapAnthropicFinishReason(message.stop_reason, message.stop_sequence),
    usage: fromAnthropicUsage(message.usage, 'reported'),
    model: message.model,
  };
}

function fromBlock(block: ContentBlock): Completion['content'] {
  switch (block.type) {
    case 'text':
      return block.text === '' ? [] : [{ type: 'text', text: block.text }];
    case 'thinking':
      return [{ type: 'reasoning', text: block.thinking, vendorState: toThinkingState(block) }];
    case 'redacted_thinking':
      return [{ type: 'reasoning', text: '', vendorState: toThinkingState(block) }];
    case 'tool_use':
      return [{ type: 'tool-call', id: block.id, name: block.name, argumentsJson: JSON.stringify(block.input ?? {}) }];
    default:
      return [];
  }
}
