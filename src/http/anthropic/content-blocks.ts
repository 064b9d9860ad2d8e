import type { JsonObject, JsonValue } from '../../core/json/json.ts';
import type { MediaPart, ReasoningPart, TextPart, ToolCallPart, ToolResultPart } from '../../core/message.ts';
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
import type { OfferedTools } from './offered-tools.ts';
import type { OpenToolCalls } from './open-tool-calls.ts';
import { readShownBlock, readTextBlock, SHOWN_BLOCKS } from './shown-blocks.ts';
import { fromThinkingBlock } from './thinking.ts';

export type Block = JsonObject;

const ID_CHARACTERS_MAX = 256 * 1024;
const RESULT_BLOCKS_MAX = 1_000;

/** What is known of a conversation while it is read. */
export type Talk = { readonly calls: OpenToolCalls; readonly offered: OfferedTools };

/** One block of a user's message: a result of a tool, or what is said and shown. */
export function readUserBlock(
  block: Block,
  field: string,
  talk: Talk,
): readonly (TextPart | MediaPart | ToolResultPart)[] {
  if (block.type === 'tool_result') return [readToolResult(block, field, talk)];
  return readShownBlock(block, field) ?? refuse(block, field, [...SHOWN_BLOCKS, 'tool_result']);
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
        signature: readText(block.signature ?? '', `${field}.signature`),
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
      return refuse(block, field, ['text', 'thinking', 'redacted_thinking', 'tool_use']);
  }
}

const THINKING_FIELDS = new Set(['type', 'thinking', 'signature']);
const REDACTED_FIELDS = new Set(['type', 'data']);
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

function readToolResult(block: Block, field: string, { calls, offered }: Talk): ToolResultPart {
  refuseUnknown(block, RESULT_FIELDS, field);
  if (block.toolset_name != null) throw invalidField(`${field}.toolset_name`, 'names a tool that lives at Anthropic');
  const { id } = fromCarriedId(readId(block.tool_use_id, `${field}.tool_use_id`));
  const toolName = calls.answer(id, field);
  const content = readResultContent(block.content, `${field}.tool_result.content`, offered);
  const media = content.flatMap((part) => (part.type === 'text' ? [] : [withoutMark(part)]));
  const isError = block.is_error != null && readBoolean(block.is_error, `${field}.is_error`);
  const marks = [
    readCacheControl(block.cache_control, `${field}.cache_control`),
    ...content.map((part) => part.cacheBreakpoint),
  ];
  const cacheBreakpoint = marks.includes('1h') ? '1h' : marks.find((mark) => mark !== undefined);
  return {
    type: 'tool-result',
    toolCallId: id,
    toolName,
    text: content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n'),
    ...(media.length > 0 && { media }),
    ...(isError && { isError }),
    ...(cacheBreakpoint && { cacheBreakpoint }),
  };
}

/** The result carries the marks of its parts as one: the vendor counts each, and takes four. */
function withoutMark<Part extends MediaPart>({ cacheBreakpoint: _, ...part }: Part): Omit<Part, 'cacheBreakpoint'> {
  return part;
}

function readResultContent(
  value: JsonValue | undefined,
  field: string,
  offered: OfferedTools,
): readonly (TextPart | MediaPart)[] {
  if (value == null) return [];
  if (typeof value === 'string') return [{ type: 'text', text: readText(value, field) }];
  const readBlock = (block: JsonObject, place: string) => {
    if (block.type === 'tool_reference') return [offered.readReference(block, place)];
    return readShownBlock(block, place) ?? refuse(block, place, [...SHOWN_BLOCKS, 'tool_reference']);
  };
  return readObjects(value, field, { max: RESULT_BLOCKS_MAX }, readBlock).flat();
}

function readId(value: JsonValue | undefined, field: string): string {
  const id = readFilledText(value, field);
  if (id.length > ID_CHARACTERS_MAX) throw invalidField(field, 'is longer than any id that was given out');
  return id;
}

/**
 * Blocks that exist elsewhere (results of server tools) are refused by their name, which stands in the path as
 * in the vendor's own refusals: Claude Code finds the block by it, takes it out and goes on.
 */
function refuse({ type }: Block, field: string, known: readonly string[]): never {
  if (typeof type !== 'string') {
    throw invalidField(`${field}.type`, `is required and must be one of ${known.join(', ')}`);
  }
  const problem = `which is not supported here; it must be one of ${known.join(', ')}`;
  if (/^\w{1,60}$/.test(type)) throw invalidField(`${field}.${type}`, `is a block, ${problem}`);
  throw invalidField(`${field}.type`, `is ${JSON.stringify(type.slice(0, 60))}, ${problem}`);
}
