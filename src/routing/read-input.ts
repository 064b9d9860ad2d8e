import { Buffer } from 'node:buffer';
import { GatewayError } from '../core/errors.ts';
import type { JsonValue } from '../core/json/json.ts';
import type { DocumentPart, MediaPart, Message, ToolDefinition } from '../core/message.ts';
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
  readonly documents: number;
  /** Of all documents together, by the size of the files. */
  readonly pages: number;
  readonly messages: number;
  readonly tools: number;
  readonly hasSchema: boolean;
  /** It asks that a part of the prompt be kept for an hour. */
  readonly keepsForAnHour: boolean;
};

export function readInput({ messages, tools = [], responseFormat }: CountedRequest): SentInput {
  const texts: string[] = [];
  const read = { images: 0, documents: 0, pages: 0, schemaBytes: 0, extraBytes: 0, keepsForAnHour: false };
  for (const message of messages) readMessage(message, texts, read);
  for (const tool of tools) readTool(tool, texts, read);
  if (responseFormat?.type === 'json-schema')
    readSchemaText(toJson(responseFormat.schema, 'the response format'), texts, read);
  const { images, documents, schemaBytes, extraBytes, keepsForAnHour } = read;
  return {
    text: new JoinedText(texts),
    schemaBytes,
    extraBytes,
    images,
    documents,
    pages: Math.min(PAGES_MAX, read.pages),
    messages: messages.length,
    tools: tools.length,
    hasSchema: responseFormat !== undefined,
    keepsForAnHour,
  };
}

type Read = {
  images: number;
  documents: number;
  pages: number;
  schemaBytes: number;
  extraBytes: number;
  keepsForAnHour: boolean;
};

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
        for (const shown of part.media ?? []) readMedia(shown, texts, read);
        break;
      case 'image':
      case 'document':
        readMedia(part, texts, read);
        break;
    }
  }
}

function readMedia(part: MediaPart, texts: string[], read: Read): void {
  if (part.type === 'image') {
    read.images += 1;
    return;
  }
  read.documents += 1;
  read.pages += estimatePages(part);
  if (part.title !== undefined) texts.push(part.title);
}

/** No PDF is taken apart here: pages of text have some ten kilobytes, scanned ones hundreds. */
const PAGE_BYTES = 50_000;
/** In all: more would leave no room in the smallest windows, which files of large pictures do not fill. */
const PAGES_MAX = 40;
/** Of a file that somebody else fetches. */
const PAGES_BY_URL = 10;

function estimatePages({ source }: DocumentPart): number {
  if (source.type === 'url') return PAGES_BY_URL;
  return Math.ceil((source.base64.length * 3) / 4 / PAGE_BYTES);
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
