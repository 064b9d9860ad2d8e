import { parseImage } from '../../core/content/image-source.ts';
import { GatewayError } from '../../core/errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json/json.ts';
import type { Message, TextPart } from '../../core/message.ts';
import { checkModelName, checkProviderName } from '../../core/model-name.ts';
import { nanoUsdFromUsd } from '../../core/money.ts';
import type { CallerInfo, ChatRequest, RoutingHints } from '../../core/request.ts';
import type { ChatInput } from './chat-input.ts';

/** All text of one request together, in UTF-8. */
const TEXT_BYTES_MAX = 10 * 1024 * 1024;
const MESSAGES_MAX = 10_000;
const METADATA_BYTES_MAX = 16 * 1024;
const JSON_SCHEMA_BYTES_MAX = 256 * 1024;

/** Our request from the client's arguments; throws `invalid_request` or `too_large` naming the field. */
export function toChatRequest(input: ChatInput, caller: CallerInfo): ChatRequest {
  checkSizes(input);
  const schema = input.json_schema;
  return {
    messages: withImages(toMessages(input), input.images ?? []),
    ...(input.max_output_tokens !== undefined && { maxOutputTokens: input.max_output_tokens }),
    ...(input.temperature !== undefined && { temperature: input.temperature }),
    ...(schema !== undefined && {
      responseFormat: { type: 'json-schema', name: 'answer', schema: toObjectSchema(schema) },
    }),
    // An agent cannot know which model takes what: the answer names what was left out.
    unsupportedParameters: 'drop',
    routing: toHints(input),
    caller,
    ...(input.metadata !== undefined && { metadata: input.metadata }),
  };
}

function toHints(input: ChatInput): RoutingHints {
  const model = input.model === undefined ? undefined : checkModelName(input.model);
  const provider = input.provider === undefined ? undefined : checkProviderName(input.provider);
  return {
    ...(model !== undefined && model !== 'auto' && { model }),
    ...(provider !== undefined && { provider }),
    ...(input.tier !== undefined && { tier: input.tier }),
    ...(input.task !== undefined && { task: input.task }),
    ...(input.strategy !== undefined && { strategy: input.strategy }),
    ...(input.max_cost_usd !== undefined && { costMax: nanoUsdFromUsd(input.max_cost_usd) }),
    ...(input.deadline_ms !== undefined && { deadlineMs: Math.ceil(input.deadline_ms) }),
    cache: input.cache ?? 'use',
    ...(input.fallback !== undefined && { fallback: input.fallback }),
  };
}

function toMessages({ prompt, messages, system }: ChatInput): readonly Message[] {
  if (prompt !== undefined && messages !== undefined) throw invalid('Give either "prompt" or "messages", not both.');
  if (prompt === undefined && messages === undefined) {
    throw invalid('Give "prompt" (a text) or "messages" (a list of { role, content }).');
  }
  const first: readonly Message[] = system?.trim() ? [{ role: 'system', content: [textPart(system)] }] : [];
  if (messages === undefined) {
    if (!prompt?.trim()) throw invalid('"prompt" must not be empty.');
    return [...first, { role: 'user', content: [textPart(prompt)] }];
  }
  if (messages.length === 0) throw invalid('"messages" needs at least one message.');
  if (messages.length > MESSAGES_MAX) throw invalid(`"messages" must have at most ${MESSAGES_MAX} items.`);
  const blank = messages.findIndex(({ content }) => content.trim() === '');
  if (blank >= 0) throw invalid(`"messages[${blank}].content" must not be empty.`);
  return [...first, ...messages.map(({ role, content }): Message => ({ role, content: [textPart(content)] }))];
}

/** Images belong to the question that is asked: the last message of the user. */
function withImages(messages: readonly Message[], urls: readonly string[]): readonly Message[] {
  if (urls.length === 0) return messages;
  const images = urls.map((url, index) => parseImage(url, `images[${index}]`));
  const target = messages.findLastIndex(({ role }) => role === 'user');
  if (target === -1) throw invalid('"images" need one of "messages" to be of role user, which they are shown with.');
  return messages.map((message, index) =>
    index === target && message.role === 'user' ? { ...message, content: [...message.content, ...images] } : message,
  );
}

function checkSizes(input: ChatInput): void {
  const texts = [input.prompt ?? '', input.system ?? '', ...(input.messages ?? []).map(({ content }) => content)];
  checkTextBytes(input.prompt === undefined ? 'messages' : 'prompt', texts, 'Send the relevant parts only.');
  checkMetadata(input.metadata);
  const schemaBytes = input.json_schema === undefined ? 0 : Buffer.byteLength(JSON.stringify(input.json_schema));
  if (schemaBytes > JSON_SCHEMA_BYTES_MAX) {
    throw tooLarge('json_schema', {
      bytes: schemaBytes,
      bytesMax: JSON_SCHEMA_BYTES_MAX,
      hint: 'Ask for fewer fields.',
    });
  }
}

/** Throws `too_large` for texts that are too long together. */
export function checkTextBytes(field: string, texts: readonly string[], hint: string): void {
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (bytes > TEXT_BYTES_MAX) throw tooLarge(field, { bytes, bytesMax: TEXT_BYTES_MAX, hint });
}

/** Throws `too_large`: what callers say of a request goes into the books. */
export function checkMetadata(metadata: ChatInput['metadata']): void {
  const bytes = metadata === undefined ? 0 : Buffer.byteLength(JSON.stringify(metadata));
  if (bytes > METADATA_BYTES_MAX)
    throw tooLarge('metadata', { bytes, bytesMax: METADATA_BYTES_MAX, hint: 'Keep long content out of it.' });
}

type Excess = { readonly bytes: number; readonly bytesMax: number; readonly hint: string };

function tooLarge(field: string, { bytes, bytesMax, hint }: Excess): GatewayError {
  const figures = `${bytes.toLocaleString('en-US')} bytes; at most ${bytesMax.toLocaleString('en-US')} are accepted`;
  return new GatewayError('too_large', `"${field}" has ${figures}.`, { hint });
}

/** Arguments came through JSON, so an object of them is a JSON object; the first check is for the type. */
function toObjectSchema(value: Readonly<Record<string, unknown>>): JsonObject {
  const json: JsonValue = JSON.parse(JSON.stringify(value));
  if (!isJsonObject(json)) throw invalid('"json_schema" must be an object.');
  if (json.type === undefined || json.type === 'object') return json;
  throw invalid('"json_schema" must describe an object: "type" must be "object"; wrap other answers in a property.');
}

function textPart(text: string): TextPart {
  return { type: 'text', text };
}

function invalid(message: string): GatewayError {
  return new GatewayError('invalid_request', message);
}
