import { Buffer } from 'node:buffer';
import { GatewayError } from '../core/errors.ts';
import type { JsonValue } from '../core/json.ts';
import type { Message, ToolDefinition } from '../core/message.ts';
import type { ChatRequest } from '../core/request.ts';

export type CountedRequest = Pick<ChatRequest, 'messages' | 'tools' | 'responseFormat'>;

/** What of a request becomes tokens, read once for the estimate and for the bound. */
export type SentInput = {
  /** One text, so that many middling parts are sampled like one large part. */
  readonly text: string;
  /** UTF-8, of the JSON of tools and of the answer's schema, which is in `text` too. */
  readonly schemaBytes: number;
  /** UTF-8, of what models get besides: ids, and state that its vendor wants back. */
  readonly extraBytes: number;
  readonly images: number;
  readonly messages: number;
  readonly tools: number;
  readonly hasSchema: boolean;
  /** It asks that a part of the prompt be kept for an hour. */
  readonly keepsForAnHour: boolean;
};

export function readInput({ messages, tools = [], responseFormat }: CountedRequest): SentInput {
  const texts: string[] = [];
  const read = { images: 0, extraBytes: 0, keepsForAnHour: tools.some(isForAnHour) };
  for (const message of messages) readMessage(message, texts, read);
  const schemas = tools.flatMap(toolTexts);
  if (responseFormat?.type === 'json-schema') schemas.push(toJson(responseFormat.schema, 'the response format'));
  return {
    text: [...texts, ...schemas].join('\n'),
    schemaBytes: schemas.reduce((sum, text) => sum + Buffer.byteLength(text), 0),
    ...read,
    messages: messages.length,
    tools: tools.length,
    hasSchema: responseFormat !== undefined,
  };
}

type Read = { images: number; extraBytes: number; keepsForAnHour: boolean };

function readMessage({ content }: Message, texts: string[], read: Read): void {
  for (const part of content) {
    if (isForAnHour(part)) read.keepsForAnHour = true;
    switch (part.type) {
      case 'text':
        texts.push(part.text);
        break;
      case 'reasoning':
        texts.push(part.text);
        read.extraBytes += Buffer.byteLength(part.vendorState?.value ?? '');
        break;
      case 'tool-call':
        texts.push(part.name, part.argumentsJson);
        read.extraBytes += Buffer.byteLength(part.id) + Buffer.byteLength(part.vendorState?.value ?? '');
        break;
      case 'tool-result':
        texts.push(part.toolName, part.text);
        read.extraBytes += Buffer.byteLength(part.toolCallId);
        read.images += part.images?.length ?? 0;
        break;
      case 'image':
        read.images += 1;
        break;
    }
  }
}

function isForAnHour(part: Message['content'][number] | ToolDefinition): boolean {
  return 'cacheBreakpoint' in part && part.cacheBreakpoint === '1h';
}

function toolTexts({ name, description = '', inputSchema }: ToolDefinition): string[] {
  return [name, description, toJson(inputSchema, `tool ${name}`)];
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
