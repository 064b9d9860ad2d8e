import { Buffer } from 'node:buffer';
import { GatewayError } from '../core/errors.ts';
import type { JsonValue } from '../core/json/json.ts';
import type { Message, ToolDefinition } from '../core/message.ts';
import type { ChatRequest } from '../core/request.ts';
import { JoinedText } from './joined-text.ts';

export type CountedRequest = Pick<ChatRequest, 'messages' | 'tools' | 'responseFormat'>;

/** What of a request becomes tokens, read once for the estimate and for the bound. */
export type SentInput = {
  /** One text, so that many middling parts are sampled like one large part. */
  readonly text: JoinedText;
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
  const read = { images: 0, schemaBytes: 0, extraBytes: 0, keepsForAnHour: false };
  for (const message of messages) readMessage(message, texts, read);
  for (const tool of tools) readTool(tool, texts, read);
  if (responseFormat?.type === 'json-schema')
    readSchemaText(toJson(responseFormat.schema, 'the response format'), texts, read);
  const { images, schemaBytes, extraBytes, keepsForAnHour } = read;
  return {
    text: new JoinedText(texts),
    schemaBytes,
    extraBytes,
    images,
    messages: messages.length,
    tools: tools.length,
    hasSchema: responseFormat !== undefined,
    keepsForAnHour,
  };
}

type Read = { images: number; schemaBytes: number; extraBytes: number; keepsForAnHour: boolean };

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

function readTool(tool: ToolDefinition, texts: string[], read: Read): void {
  const { name, description = '', inputSchema } = tool;
  if (isForAnHour(tool)) read.keepsForAnHour = true;
  for (const text of [name, description, toJson(inputSchema, `tool ${name}`)]) readSchemaText(text, texts, read);
}

function readSchemaText(text: string, texts: string[], read: Read): void {
  texts.push(text);
  read.schemaBytes += Buffer.byteLength(text);
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
