import type { FinishReason } from '../../core/completion.ts';
import { type JsonObject, type JsonValue, parseJsonObject } from '../../core/json/json.ts';
import type { VendorState } from '../../core/message.ts';
import { totalInputTokens, type Usage } from '../../core/usage.ts';
import { toCarriedState } from '../carried-state.ts';
import { toCustomInput } from '../openai/shared/custom-tool.ts';
import type { CalledTool } from './called-tool.ts';

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

/** The same request and place always give the same id, streamed or whole. */
export function itemId(prefix: 'msg' | 'rs' | 'fc' | 'ctc' | 'tsc', requestId: string, index: number): string {
  return `${prefix}_${requestId.replace(/^req_/, '')}${String(index).padStart(3, '0')}`;
}

export function textContent(text: string): JsonObject {
  return { type: 'output_text', text, annotations: [], logprobs: [] };
}

export function refusalContent(refusal: string): JsonObject {
  return { type: 'refusal', refusal };
}

export function messageItem(id: string, status: ItemStatus, content: readonly JsonObject[]): JsonObject {
  return { id, type: 'message', status, role: 'assistant', content };
}

/** The vendor's state is `encrypted_content`, which clients return unread; too long a one stays behind. */
export function reasoningItem(id: string, text: string, state?: VendorState): JsonObject {
  const carried = state && toCarriedState(state);
  return {
    id,
    type: 'reasoning',
    summary: text === '' ? [] : [{ type: 'summary_text', text }],
    ...(carried !== undefined && { encrypted_content: carried }),
  };
}

/**
 * Is there anything that ends a turn? An answer that went well without a word is an empty message: agents
 * wait for one or for a call, and ask again, at a price, where there is neither.
 */
export function endsTurn(items: readonly JsonObject[]): boolean {
  return items.some(({ type }) => type === 'message' || isCall(type));
}

export type CallItem = {
  readonly id: string;
  readonly callId: string;
  readonly called: CalledTool;
};

const CALL_TYPES = { function: 'function_call', custom: 'custom_tool_call', search: 'tool_search_call' } as const;

export function callItem({ id, callId, called }: CallItem, status: ItemStatus, argumentsJson: string): JsonObject {
  const { kind = 'function', ...names } = called;
  const item = { id, type: CALL_TYPES[kind], status, call_id: callId };
  if (kind === 'custom') return { ...item, ...names, input: toCustomInput(argumentsJson) };
  if (kind === 'function') return { ...item, ...names, arguments: argumentsJson };
  return { ...item, execution: 'client', arguments: parseJsonObject(argumentsJson) ?? {} };
}

/** Is an item of this type a call of a tool? */
export function isCall(type: JsonValue | undefined): boolean {
  return Object.values(CALL_TYPES).some((known) => known === type);
}

const CALL_PREFIXES = { function: 'fc', custom: 'ctc', search: 'tsc' } as const;

export function callItemId(requestId: string, index: number, called: CalledTool): string {
  const { kind = 'function' } = called;
  return itemId(CALL_PREFIXES[kind], requestId, index);
}

/** How a response ends that did not fail. */
export type Ending = {
  readonly status: 'completed' | 'incomplete';
  readonly incompleteReason?: string;
};

/** A refusal is a complete answer and says so in its content; an end nobody knows is not called complete. */
export function endingOf({ unified }: FinishReason): Ending {
  switch (unified) {
    case 'stop':
    case 'tool_calls':
    case 'refusal':
      return { status: 'completed' };
    case 'length':
      return { status: 'incomplete', incompleteReason: 'max_output_tokens' };
    case 'content_filter':
      return { status: 'incomplete', incompleteReason: 'content_filter' };
    case 'other':
      return { status: 'incomplete', incompleteReason: 'other' };
  }
}

export function toResponseUsage(usage: Usage): JsonObject {
  const inputTokens = totalInputTokens(usage);
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: usage.cachedInputTokens, cache_write_tokens: usage.cacheWriteTokens },
    output_tokens: usage.outputTokens,
    output_tokens_details: { reasoning_tokens: usage.reasoningTokens },
    total_tokens: inputTokens + usage.outputTokens,
  };
}
