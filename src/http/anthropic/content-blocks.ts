import { parseHttpsUrl, parseImageData } from '../../core/content/image-source.ts';
import type { JsonObject, JsonValue } from '../../core/json/json.ts';
import type { ImagePart, ReasoningPart, TextPart, ToolCallPart, ToolResultPart } from '../../core/message.ts';
import { fromCarriedId } from '../carried-state.ts';
import { readCacheControl } from '../request/cache-control.ts';
import { readCalledName } from '../request/read-called-name.ts';
import {
  invalidField,
  readBoolean,
  readChoice,
  readFilledText,
  readObject,
  readObjects,
  readText,
  refuseUnknown,
} from '../request/read-value.ts';
import type { OpenToolCalls } from './open-tool-calls.ts';
import { fromThinkingBlock } from './thinking.ts';

export type Block = JsonObject;

const ID_CHARACTERS_MAX = 256 * 1024;
const RESULT_BLOCKS_MAX = 1_000;

/** One block of a user's message. */
export function readUserBlock(
  block: Block,
  field: string,
  calls: OpenToolCalls,
): TextPart | ImagePart | ToolResultPart {
  switch (block.type) {
    case 'text':
      return readTextBlock(block, field);
    case 'image':
      return readImageBlock(block, field);
    case 'tool_result':
      return readToolResult(block, field, calls);
    default:
      throw wrongBlock(block, field, ['text', 'image', 'tool_result']);
  }
}

/** One block of an assistant's message; a tool call joins the open ones. */
export function readAssistantBlock(
  block: Block,
  field: string,
  calls: OpenToolCalls,
): TextPart | ReasoningPart | ToolCallPart {
  switch (block.type) {
    case 'text':
      return readTextBlock(block, field);
    case 'thinking': {
      refuseUnknown(block, THINKING_FIELDS, field);
      const thinking = readText(block.thinking, `${field}.thinking`);
      return fromThinkingBlock({
        type: 'thinking',
        thinking,
        signature: readText(block.signature, `${field}.signature`),
      });
    }
    case 'redacted_thinking':
      refuseUnknown(block, REDACTED_FIELDS, field);
      return fromThinkingBlock({ type: 'redacted_thinking', data: readText(block.data, `${field}.data`) });
    case 'tool_use': {
      const call = readToolUse(block, field);
      calls.add(call, field);
      return call;
    }
    default:
      throw wrongBlock(block, field, ['text', 'thinking', 'redacted_thinking', 'tool_use']);
  }
}

const THINKING_FIELDS = new Set(['type', 'thinking', 'signature']);
const REDACTED_FIELDS = new Set(['type', 'data']);
/** Citations come with answers of the vendor; they are for readers. */
const TEXT_FIELDS = new Set(['type', 'text', 'cache_control', 'citations']);

export function readTextBlock(block: Block, field: string): TextPart {
  refuseUnknown(block, TEXT_FIELDS, field);
  const cacheBreakpoint = readCacheControl(block.cache_control, `${field}.cache_control`);
  // A text in place of blocks is named as itself.
  const text = readText(block.text, field.endsWith(']') ? `${field}.text` : field);
  return { type: 'text', text, ...(cacheBreakpoint && { cacheBreakpoint }) };
}

const IMAGE_FIELDS = new Set(['type', 'source', 'cache_control', 'transformations']);
const SOURCE_FIELDS = { base64: new Set(['type', 'media_type', 'data']), url: new Set(['type', 'url']) };

function readImageBlock(block: Block, field: string): ImagePart {
  refuseUnknown(block, IMAGE_FIELDS, field);
  const cacheBreakpoint = readCacheControl(block.cache_control, `${field}.cache_control`);
  if (block.transformations != null) {
    const { oversized_image: oversized } = readObject(block.transformations, `${field}.transformations`);
    readChoice(oversized ?? 'downsize', `${field}.transformations.oversized_image`, ['downsize']);
  }
  const place = `${field}.source`;
  const source = readObject(block.source, place);
  const type = readChoice(source.type, `${place}.type`, ['base64', 'url']);
  refuseUnknown(source, SOURCE_FIELDS[type], place);
  return {
    type: 'image',
    source: type === 'url' ? readUrl(source.url, `${place}.url`) : readData(source, place),
    ...(cacheBreakpoint && { cacheBreakpoint }),
  };
}

function readUrl(value: JsonValue | undefined, field: string): ImagePart['source'] {
  return { type: 'url', url: parseHttpsUrl(readText(value, field), field) };
}

function readData(source: JsonObject, field: string): ImagePart['source'] {
  const mediaType = readText(source.media_type, `${field}.media_type`);
  return parseImageData({ mediaType, base64: readText(source.data, `${field}.data`) }, field);
}

const TOOL_USE_FIELDS = new Set(['type', 'id', 'name', 'input', 'cache_control', 'caller', 'toolset_name']);

function readToolUse(block: Block, field: string): ToolCallPart {
  refuseUnknown(block, TOOL_USE_FIELDS, field);
  readCacheControl(block.cache_control, `${field}.cache_control`);
  if (block.caller != null)
    readChoice(readObject(block.caller, `${field}.caller`).type, `${field}.caller.type`, ['direct']);
  if (block.toolset_name != null) throw invalidField(`${field}.toolset_name`, 'names a tool that lives at Anthropic');
  return {
    type: 'tool-call',
    ...fromCarriedId(readId(block.id, `${field}.id`)),
    name: readCalledName(block.name, `${field}.name`, 128),
    argumentsJson: JSON.stringify(readObject(block.input, `${field}.input`)),
  };
}

const RESULT_FIELDS = new Set(['type', 'tool_use_id', 'content', 'is_error', 'cache_control', 'toolset_name']);

function readToolResult(block: Block, field: string, calls: OpenToolCalls): ToolResultPart {
  refuseUnknown(block, RESULT_FIELDS, field);
  if (block.toolset_name != null) throw invalidField(`${field}.toolset_name`, 'names a tool that lives at Anthropic');
  const { id } = fromCarriedId(readId(block.tool_use_id, `${field}.tool_use_id`));
  const toolName = calls.answer(id, field);
  const content = readResultContent(block.content, `${field}.tool_result.content`);
  const images = content.filter((part) => part.type === 'image');
  const isError = block.is_error != null && readBoolean(block.is_error, `${field}.is_error`);
  const cacheBreakpoint =
    readCacheControl(block.cache_control, `${field}.cache_control`) ??
    content.findLast((part) => part.cacheBreakpoint !== undefined)?.cacheBreakpoint;
  return {
    type: 'tool-result',
    toolCallId: id,
    toolName,
    text: content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n'),
    ...(images.length > 0 && { images }),
    ...(isError && { isError }),
    ...(cacheBreakpoint && { cacheBreakpoint }),
  };
}

function readResultContent(value: JsonValue | undefined, field: string): readonly (TextPart | ImagePart)[] {
  if (value == null) return [];
  if (typeof value === 'string') return [{ type: 'text', text: readText(value, field) }];
  return readObjects(value, field, { max: RESULT_BLOCKS_MAX }, (block, place) => {
    if (block.type === 'text') return readTextBlock(block, place);
    if (block.type === 'image') return readImageBlock(block, place);
    throw wrongBlock(block, place, ['text', 'image']);
  });
}

function readId(value: JsonValue | undefined, field: string): string {
  const id = readFilledText(value, field);
  if (id.length > ID_CHARACTERS_MAX) throw invalidField(field, 'is longer than any id that was given out');
  return id;
}

/**
 * Blocks that exist elsewhere (documents, results of server tools) are refused by their name, which stands in the path as
 * in the vendor's own refusals: Claude Code finds the block by it, takes it out and goes on.
 */
function wrongBlock(block: Block, field: string, known: readonly string[]): Error {
  const { type } = block;
  if (typeof type !== 'string') {
    return invalidField(`${field}.type`, `is required and must be one of ${known.join(', ')}`);
  }
  const problem = `which is not supported here; it must be one of ${known.join(', ')}`;
  if (/^\w{1,60}$/.test(type)) return invalidField(`${field}.${type}`, `is a block, ${problem}`);
  return invalidField(`${field}.type`, `is ${JSON.stringify(type.slice(0, 60))}, ${problem}`);
}
