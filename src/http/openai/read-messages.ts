import { parseImage } from '../../core/image-source.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { IMAGE_DETAILS, type ImagePart, type Message, type TextPart, type ToolCallPart } from '../../core/message.ts';
import { fromCarriedId } from '../carried-state.ts';
import { markLastBlock, readCacheControl } from '../request/cache-control.ts';
import { invalidField, readChoice, readList, readObject, readText, refuseUnknown } from '../request/read-value.ts';
import { readToolName } from './read-tools.ts';
import { readReasoningDetails } from './vendor-state.ts';

const MESSAGES_MAX = 10_000;
const PARTS_MAX = 1_000;
const CALLS_MAX = 1_000;
const ROLES = ['system', 'developer', 'user', 'assistant', 'tool'] as const;

/** `cache_control` is Anthropic's, and clients write it for Claude models here too. */
const PLAIN_FIELDS = new Set(['role', 'content', 'name', 'cache_control']);
const TOOL_FIELDS = new Set(['role', 'content', 'tool_call_id', 'name', 'cache_control']);
/** What answers carry may come back with them; what means nothing to a model is left out. */
const ANSWER_FIELDS = [
  ...['role', 'content', 'name', 'refusal', 'tool_calls', 'function_call', 'audio', 'annotations'],
  ...['reasoning_content', 'reasoning_details', 'parsed', 'cache_control'],
  // LiteLLM's, in each answer that it gives to be sent back: the first holds what it has no field for.
  ...['provider_specific_fields', 'thinking_blocks'],
];
const ASSISTANT_FIELDS = new Set(ANSWER_FIELDS);
const TEXT_FIELDS = new Set(['type', 'text', 'prompt_cache_breakpoint', 'cache_control']);
const IMAGE_FIELDS = new Set(['type', 'image_url', 'prompt_cache_breakpoint', 'cache_control']);
/** OpenAI's Agents SDK repeats in each part what stood beside the content in the answer. */
const ANSWER_PART_FIELDS = new Set([...TEXT_FIELDS, ...ANSWER_FIELDS]);
const CALL_FIELDS = new Set(['id', 'type', 'function', 'index', 'cache_control']);
const FUNCTION_FIELDS = new Set(['name', 'arguments', 'parsed_arguments']);

/** OpenAI's `messages` as ours, one for one; blank system messages, which say nothing, are left out. */
export function readMessages(value: JsonValue, field: string): readonly Message[] {
  const entries = readList(value, field, { min: 1, max: MESSAGES_MAX });
  /** A result names only its call; ours names the tool as well. */
  const toolNames = new Map<string, string>();
  const messages: Message[] = [];
  for (const [index, entry] of entries.entries()) {
    const place = `${field}[${index}]`;
    const fields = readObject(entry, place);
    const message = withCacheMark(readMessage(fields, place, toolNames), fields, place);
    if (message.role === 'assistant') {
      for (const part of message.content) if (part.type === 'tool-call') toolNames.set(part.id, part.name);
    }
    const isBlank = message.role === 'system' && message.content.every(({ text }) => text.trim() === '');
    if (!isBlank) messages.push(message);
  }
  if (!messages.some(({ role }) => role !== 'system')) {
    throw invalidField(field, 'needs at least one message besides those of the system');
  }
  return messages;
}

/** A mark on a message stands for one on its last part. */
function withCacheMark(message: Message, { cache_control }: JsonObject, place: string): Message {
  const mark = readCacheControl(cache_control, `${place}.cache_control`);
  return (mark && markLastBlock([message], mark)[0]) ?? message;
}

function readMessage(message: JsonObject, place: string, toolNames: ReadonlyMap<string, string>): Message {
  if (message.role === 'function') {
    throw invalidField(
      `${place}.role`,
      'is "function", which is no longer spoken',
      'Use role "tool" with "tool_call_id".',
    );
  }
  const role = readChoice(message.role, `${place}.role`, ROLES);
  const content = `${place}.content`;
  switch (role) {
    case 'system':
    case 'developer':
      refuseUnknown(message, PLAIN_FIELDS, place);
      return { role: 'system', content: readTextParts(message.content, content) };
    case 'user':
      refuseUnknown(message, PLAIN_FIELDS, place);
      return { role, content: readUserContent(message.content, content) };
    case 'assistant':
      refuseUnknown(message, ASSISTANT_FIELDS, place);
      return { role, content: readAssistantContent(message, place) };
    case 'tool': {
      refuseUnknown(message, TOOL_FIELDS, place);
      const { id: toolCallId } = fromCarriedId(readText(message.tool_call_id, `${place}.tool_call_id`));
      const parts = readTextParts(message.content, content);
      const toolName = toolNames.get(toolCallId) ?? '';
      const mark = parts.findLast((part) => part.cacheBreakpoint !== undefined)?.cacheBreakpoint;
      const result = { type: 'tool-result', toolCallId, toolName, text: joined(parts) } as const;
      return { role, content: [{ ...result, ...(mark && { cacheBreakpoint: mark }) }] };
    }
  }
}

function readTextParts(value: JsonValue | undefined, place: string): readonly TextPart[] {
  if (!Array.isArray(value)) return [{ type: 'text', text: readText(value, place) }];
  return readList(value, place, { min: 1, max: PARTS_MAX }).map((entry, index) => {
    const part = readObject(entry, `${place}[${index}]`);
    readChoice(part.type, `${place}[${index}].type`, ['text']);
    return readTextPart(part, `${place}[${index}]`);
  });
}

function readTextPart(part: JsonObject, place: string, fields: ReadonlySet<string> = TEXT_FIELDS): TextPart {
  refuseUnknown(part, fields, place);
  return { type: 'text', text: readText(part.text, `${place}.text`), ...readMark(part, place) };
}

function readMark({ cache_control }: JsonObject, place: string): Pick<TextPart, 'cacheBreakpoint'> {
  const cacheBreakpoint = readCacheControl(cache_control, `${place}.cache_control`);
  return cacheBreakpoint === undefined ? {} : { cacheBreakpoint };
}

function readUserContent(value: JsonValue | undefined, place: string): readonly (TextPart | ImagePart)[] {
  const parts = Array.isArray(value)
    ? readList(value, place, { min: 1, max: PARTS_MAX }).map((entry, index) =>
        readUserPart(entry, `${place}[${index}]`),
      )
    : readTextParts(value, place);
  if (parts.every((part) => part.type === 'text' && part.text.trim() === ''))
    throw invalidField(place, 'must not be empty');
  return parts;
}

const NOT_TAKEN: Readonly<Record<string, string>> = {
  input_audio: 'Send a transcript as text.',
  file: 'Send its text, or its pages as images.',
};

function readUserPart(value: JsonValue, place: string): TextPart | ImagePart {
  const part = readObject(value, place);
  const hint = typeof part.type === 'string' && Object.hasOwn(NOT_TAKEN, part.type) ? NOT_TAKEN[part.type] : undefined;
  if (hint !== undefined) throw invalidField(`${place}.type`, `is "${part.type}", which is not supported`, hint);
  if (readChoice(part.type, `${place}.type`, ['text', 'image_url']) === 'text') return readTextPart(part, place);
  refuseUnknown(part, IMAGE_FIELDS, place);
  const image = readObject(part.image_url, `${place}.image_url`);
  refuseUnknown(image, new Set(['url', 'detail']), `${place}.image_url`);
  return {
    ...parseImage(readText(image.url, `${place}.image_url.url`), `${place}.image_url.url`),
    ...readDetail(image.detail, `${place}.image_url.detail`),
    ...readMark(part, place),
  };
}

/** How closely to look; `auto`, the default, is left to the model. */
export function readDetail(value: JsonValue | undefined, place: string): Pick<ImagePart, 'detail'> {
  const detail = value == null ? 'auto' : readChoice(value, place, IMAGE_DETAILS);
  return detail === 'auto' ? {} : { detail };
}

type AssistantContent = Extract<Message, { role: 'assistant' }>['content'];

function readAssistantContent(message: JsonObject, place: string): AssistantContent {
  if (message.function_call != null) {
    throw invalidField(`${place}.function_call`, 'is no longer spoken', 'Use "tool_calls", which replaced it.');
  }
  if (message.audio != null)
    throw invalidField(`${place}.audio`, 'is not supported', 'Send its transcript as content.');
  const { content, refusal, tool_calls, reasoning_content, reasoning_details } = message;
  const calls = tool_calls == null ? [] : readToolCalls(tool_calls, `${place}.tool_calls`);
  const texts = content == null ? [] : readAssistantText(content, `${place}.content`);
  // A refusal is what the assistant said; told in both fields, it counts once.
  const refused = refusal == null ? '' : readText(refusal, `${place}.refusal`);
  if (refused !== '' && joined(texts) !== refused) texts.push({ type: 'text', text: refused });
  if (texts.length === 0 && calls.length === 0) {
    throw invalidField(`${place}.content`, 'is required where there are no "tool_calls"');
  }
  const moved = isJsonObject(message.provider_specific_fields) ? message.provider_specific_fields : {};
  const details = reasoning_details ?? moved.reasoning_details;
  const kept = readReasoningDetails(details, `${place}.reasoning_details`);
  const plain = reasoning_content == null ? '' : readText(reasoning_content, `${place}.reasoning_content`);
  const reasoning = kept.length > 0 || plain === '' ? kept : [{ type: 'reasoning', text: plain } as const];
  return [...reasoning, ...texts.filter(({ text }) => text !== '' || calls.length === 0), ...calls];
}

function readAssistantText(value: JsonValue, place: string): TextPart[] {
  if (!Array.isArray(value)) return [{ type: 'text', text: readText(value, place) }];
  return readList(value, place, { max: PARTS_MAX }).map((entry, index) => {
    const within = `${place}[${index}]`;
    const part = readObject(entry, within);
    const type = readChoice(part.type, `${within}.type`, ['text', 'refusal']);
    if (type === 'text') return readTextPart(part, within, ANSWER_PART_FIELDS);
    refuseUnknown(part, ANSWER_PART_FIELDS, within);
    return { type: 'text', text: readText(part.refusal, `${within}.refusal`) };
  });
}

function readToolCalls(value: JsonValue, place: string): readonly ToolCallPart[] {
  return readList(value, place, { max: CALLS_MAX }).map((entry, index) => {
    const within = `${place}[${index}]`;
    const call = readObject(entry, within);
    readChoice(call.type ?? 'function', `${within}.type`, ['function']);
    refuseUnknown(call, CALL_FIELDS, within);
    readCacheControl(call.cache_control, `${within}.cache_control`);
    const called = readObject(call.function, `${within}.function`);
    refuseUnknown(called, FUNCTION_FIELDS, `${within}.function`);
    const id = readText(call.id, `${within}.id`);
    if (id === '') throw invalidField(`${within}.id`, 'must not be empty');
    return {
      type: 'tool-call',
      ...fromCarriedId(id),
      name: readToolName(called.name, `${within}.function.name`),
      argumentsJson: readText(called.arguments, `${within}.function.arguments`),
    };
  });
}

function joined(parts: readonly TextPart[]): string {
  return parts.length === 1 ? (parts[0]?.text ?? '') : parts.map(({ text }) => text).join('\n');
}
