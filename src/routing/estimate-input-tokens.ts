import { GatewayError } from '../core/errors.ts';
import type { JsonValue } from '../core/json.ts';
import type { ChatRequest } from '../core/request.ts';
import { estimateTextTokens } from './estimate-tokens.ts';

/** Role and separators around each message, as OpenAI documents for its chat format. */
const MESSAGE_OVERHEAD_TOKENS = 4;
const REPLY_PRIMING_TOKENS = 3;
const TOOL_OVERHEAD_TOKENS = 12;
/**
 * Flat for an image, whose size is unknown before it is decoded: above OpenAI's 1,105 for a large
 * one at high detail and Anthropic's 1,568 at most (width × height / 750 of its largest size).
 */
export const IMAGE_TOKENS = 1_600;

type Counted = Pick<ChatRequest, 'messages' | 'tools' | 'responseFormat'>;

/** Estimated input tokens of everything that is sent: messages, images, tools and the answer's schema. */
export function estimateInputTokens({ messages, tools = [], responseFormat }: Counted): number {
  const texts: string[] = [];
  let images = 0;
  for (const { content } of messages) {
    for (const part of content) {
      switch (part.type) {
        case 'text':
        case 'reasoning':
          texts.push(part.text);
          break;
        case 'tool-call':
          texts.push(part.name, part.argumentsJson);
          break;
        case 'tool-result':
          texts.push(part.toolName, part.text);
          images += part.images?.length ?? 0;
          break;
        case 'image':
          images += 1;
          break;
      }
    }
  }
  for (const tool of tools) {
    texts.push(tool.name, tool.description ?? '', toJson(tool.inputSchema, `tool ${tool.name}`));
  }
  if (responseFormat?.type === 'json-schema') texts.push(toJson(responseFormat.schema, 'the response format'));
  return (
    // One text, so that many middling parts are sampled like one large part.
    estimateTextTokens(texts.join('\n')) +
    images * IMAGE_TOKENS +
    tools.length * TOOL_OVERHEAD_TOKENS +
    messages.length * MESSAGE_OVERHEAD_TOKENS +
    REPLY_PRIMING_TOKENS
  );
}

function toJson(schema: JsonValue, owner: string): string {
  try {
    return JSON.stringify(schema);
  } catch (cause) {
    throw new GatewayError('invalid_request', `The JSON Schema of ${owner} cannot be written as JSON.`, {
      hint: 'Remove its circular or extremely deep nesting.',
      cause,
    });
  }
}
