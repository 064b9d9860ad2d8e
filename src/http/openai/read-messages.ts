import { parseImage } from '../../core/content/image-source.ts';
import { validateToolPairing } from '../../core/content/tool-calls.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json/json.ts';
import type { MediaPart, Message, TextPart, ToolCallPart, ToolResultPart } from '../../core/message.ts';
import { fromCarriedId } from '../carried-state.ts';
import { markLastBlock, readCacheControl } from '../request/cache-control.ts';
import { readCalledName } from '../request/read-called-name.ts';
import {
  invalidField,
  readChoice,
  readFilledText,
  readList,
  readObject,
  readObjects,
  readText,
  refuseUnknown,
} from '../request/read-value.ts';
import { fromCustomInput } from './shared/custom-tool.ts';
import { readFile } from './shared/read-file.ts';
import { readDetail, readParts, refuseTypes, requireSaid } from './shared/read-parts.ts';
import { readReasoningDetails } from './vendor-state.ts';

const MESSAGES_MAX = 10_000;
const CALLS_MAX = 1_000;
const ROLES = ['system', 'developer', 'user', 'assistant', 'tool'] as const;

/** `cache_control` is Anthropic's, and clients write it for Claude models here too. */
const PLAIN_FIELDS = new Set(['role', 'content', 'name', 'cache_control']);
const TOOL_FIELDS = new Set(['role', 'content', 'tool_call_id', 'name', 'cache_control']);
/** What answers carry may come back with them; what means nothing to a model is left out. */
const ANSWER_FIELDS = [
  ...['role', 'content', 'name', 'refusal', 'tool_calls', 'function_call', 'audio', 'annotations'],
  // The second is OpenRouter's, Groq's and vLLM's name for the first.
  ...['reasoning_content', 'reasoning', 'reasoning_details', 'parsed', 'cache_control'],
  // LiteLLM's, in each answer that it gives to be sent back: the first holds what it has no field for.
  ...['provider_specific_fields', 'thinking_blocks'],
];
const ASSISTANT_FIELDS = new Set(ANSWER_FIELDS);
const TEXT_FIELDS = new Set(['type', 'text', 'prompt_cache_breakpoint', 'cache_control']);
const IMAGE_FIELDS = new Set(['type', 'image_url', 'prompt_cache_breakpoint', 'cache_control']);
const FILE_PART_FIELDS = new Set(['type', 'file', 'prompt_cache_breakpoint', 'cache_control']);
const FILE_FIELDS = new Set(['file_data', 'filename', 'file_id']);
/** OpenAI's Agents SDK repeats in each part what stood beside the content in the answer. */
const ANSWER_PART_FIELDS = new Set([...TEXT_FIELDS, ...ANSWER_FIELDS]);
/** `extra_content` is of Google's compatible endpoint, whose conversations may go on here. */
const CALL_FIELDS = {
  function: new Set(['id', 'type', 'function', 'index', 'cache_control', 'extra_content']),
  custom: new Set(['id', 'type', 'custom', 'index', 'cache_control', 'extra_content']),
};
const CALLED_FIELDS = {
  function: new Set(['name', 'arguments', 'parsed_arguments']),
  custom: new Set(['name', 'input']),
};

/** OpenAI's `messages` as ours, one for one; blank system messages, which say nothing, are left out. */
export function readMessages(value: JsonValue, field: string): readonly Message[] {
  const entries = readList(value, field, { min: 1, max: MESSAGES_MAX });
  /** A result names only its call; ours names the tool as well. */
  const toolNames = new Map<string, string>();
  const messages: Message[] = [];
  const places: string[] = [];
  for (const [index, entry] of entries.entries()) {
    const place = `${field}[${index}]`;
    const fields = readObject(entry, place);
    const message = withCacheMark(readMessage(fields, place, toolNames), fields, place);
    if (message.role === 'assistant') {
      for (const part of message.content) if (part.type === 'tool-call') toolNames.set(part.id, part.name);
    }
    const isBlank = message.role === 'system' && message.content.every(({ text }) => text.trim() === '');
    if (isBlank) continue;
    messages.push(message);
    places.push(place);
  }
  if (messages.length === 0) throw invalidField(field, 'needs at least one message that says something');
  validateToolPairing(messages, (index) => places[index] ?? field);
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
      return {
        role,
        content: [{ ...readResult(message.content, content), toolCallId, toolName: toolNames.get(toolCallId) ?? '' }],
      };
    }
  }
}

/** Nothing is an empty result: some frameworks write null for it, or a list without parts. */
function readResult(value: JsonValue | undefined, place: string): Omit<ToolResultPart, 'toolCallId' | 'toolName'> {
  const parts = readParts(value ?? '', place, readUserPart);
  const texts = parts.filter((part) => part.type === 'text');
  const media = parts.filter((part) => part.type !== 'text');
  const mark = parts.findLast((part) => part.cacheBreakpoint !== undefined)?.cacheBreakpoint;
  return {
    type: 'tool-result',
    text: joined(texts),
    ...(media.length > 0 && { media }),
    ...(mark && { cacheBreakpoint: mark }),
  };
}

function readTextParts(value: JsonValue | undefined, place: string): readonly TextPart[] {
  const readPart = (part: JsonObject, within: string) => {
    readChoice(part.type, `${within}.type`, ['text']);
    return readTextPart(part, within);
  };
  return readParts(value, place, readPart, 1);
}

function readTextPart(part: JsonObject, place: string, fields: ReadonlySet<string> = TEXT_FIELDS): TextPart {
  refuseUnknown(part, fields, place);
  return { type: 'text', text: readText(part.text, `${place}.text`), ...readMark(part, place) };
}

function readMark({ cache_control }: JsonObject, place: string): Pick<TextPart, 'cacheBreakpoint'> {
  const cacheBreakpoint = readCacheControl(cache_control, `${place}.cache_control`);
  return cacheBreakpoint === undefined ? {} : { cacheBreakpoint };
}

function readUserContent(value: JsonValue | undefined, place: string): readonly (TextPart | MediaPart)[] {
  const parts = readParts(value, place, readUserPart, 1);
  requireSaid(parts, place);
  return parts;
}

const NOT_TAKEN: Readonly<Record<string, string>> = {
  input_audio: 'Send a transcript as text.',
};

function readUserPart(part: JsonObject, place: string): TextPart | MediaPart {
  refuseTypes(part, place, NOT_TAKEN);
  const type = readChoice(part.type, `${place}.type`, ['text', 'image_url', 'file']);
  if (type === 'text') return readTextPart(part, place);
  if (type === 'file') {
    refuseUnknown(part, FILE_PART_FIELDS, place);
    const file = readObject(part.file, `${place}.file`);
    refuseUnknown(file, FILE_FIELDS, `${place}.file`);
    return { ...readFile(file, `${place}.file`, ['file_data']), ...readMark(part, place) };
  }
  refuseUnknown(part, IMAGE_FIELDS, place);
  const image = readObject(part.image_url, `${place}.image_url`);
  refuseUnknown(image, new Set(['url', 'detail']), `${place}.image_url`);
  return {
    ...parseImage(readText(image.url, `${place}.image_url.url`), `${place}.image_url.url`),
    ...readDetail(image.detail, `${place}.image_url.detail`),
    ...readMark(part, place),
  };
}

type AssistantContent = Extract<Message, { role: 'assistant' }>['content'];

function readAssistantContent(message: JsonObject, place: string): AssistantContent {
  if (message.function_call != null) {
    throw invalidField(`${place}.function_call`, 'is no longer spoken', 'Use "tool_calls", which replaced it.');
  }
  if (message.audio != null)
    throw invalidField(`${place}.audio`, 'is not supported', 'Send its transcript as content.');
  const { content, refusal, tool_calls, reasoning_details } = message;
  const calls = tool_calls == null ? [] : readToolCalls(tool_calls, `${place}.tool_calls`);
  const said = content == null ? [] : readParts(content, `${place}.content`, readAssistantPart);
  // A refusal is what the assistant said; told in both fields, it counts once.
  const refused = refusal == null ? '' : readText(refusal, `${place}.refusal`);
  const isMore = refused !== '' && joined(said) !== refused;
  // OpenAI's client puts an empty text beside the refusal that it read from a stream.
  const texts: readonly TextPart[] = isMore ? [...said.filter(isSaid), { type: 'text', text: refused }] : said;
  if (texts.length === 0 && calls.length === 0) {
    throw invalidField(`${place}.content`, 'is required where there are no "tool_calls"');
  }
  const moved = isJsonObject(message.provider_specific_fields) ? message.provider_specific_fields : {};
  const details = reasoning_details ?? moved.reasoning_details;
  const kept = readReasoningDetails(details, `${place}.reasoning_details`);
  const plain = readPlainReasoning(message, place);
  const reasoning = kept.length > 0 || plain === '' ? kept : [{ type: 'reasoning', text: plain } as const];
  return [...reasoning, ...texts.filter((part) => isSaid(part) || calls.length === 0), ...calls];
}

function readPlainReasoning({ reasoning_content, reasoning }: JsonObject, place: string): string {
  if (reasoning_content != null) return readText(reasoning_content, `${place}.reasoning_content`);
  return reasoning == null ? '' : readText(reasoning, `${place}.reasoning`);
}

function isSaid({ text }: TextPart): boolean {
  return text !== '';
}

function readAssistantPart(part: JsonObject, place: string): TextPart {
  const type = readChoice(part.type, `${place}.type`, ['text', 'refusal']);
  if (type === 'text') return readTextPart(part, place, ANSWER_PART_FIELDS);
  refuseUnknown(part, ANSWER_PART_FIELDS, place);
  return { type: 'text', text: readText(part.refusal, `${place}.refusal`) };
}

function readToolCalls(value: JsonValue, place: string): readonly ToolCallPart[] {
  return readObjects(value, place, { max: CALLS_MAX }, (call, within) => {
    const type = readChoice(call.type ?? 'function', `${within}.type`, ['function', 'custom']);
    refuseUnknown(call, CALL_FIELDS[type], within);
    readCacheControl(call.cache_control, `${within}.cache_control`);
    const place = `${within}.${type}`;
    const called = readObject(call[type], place);
    refuseUnknown(called, CALLED_FIELDS[type], place);
    const id = readFilledText(call.id, `${within}.id`);
    return {
      type: 'tool-call',
      ...fromCarriedId(id),
      name: readCalledName(called.name, `${place}.name`, 64),
      argumentsJson:
        type === 'function'
          ? readText(called.arguments, `${place}.arguments`)
          : fromCustomInput(readText(called.input, `${place}.input`)),
    };
  });
}

function joined(parts: readonly TextPart[]): string {
  return parts.length === 1 ? (parts[0]?.text ?? '') : parts.map(({ text }) => text).join('\n');
}
