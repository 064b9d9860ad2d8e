import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json/json.ts';
import type { MediaPart, Message, TextPart, ToolResultPart } from '../../core/message.ts';
import { invalidField, readChoice, readList, readObject, readObjects, refuseUnknown } from '../request/read-value.ts';
import { type Block, readAssistantBlock, readUserBlock, type Talk } from './content-blocks.ts';
import { OfferedTools } from './offered-tools.ts';
import { OpenToolCalls } from './open-tool-calls.ts';
import { readTextBlock } from './shown-blocks.ts';

/** Source: the Messages API, `messages`. */
const MESSAGES_MAX = 100_000;
const BLOCKS_MAX = 10_000;
const ROLES = ['user', 'assistant', 'system'] as const;
const MESSAGE_FIELDS = new Set(['role', 'content']);
/** Source: `BetaSystemMessageParam` of @anthropic-ai/sdk 1.11.0. */
const SYSTEM_MESSAGE_FIELDS = new Set(['role', 'content', 'output_config', 'clear_at']);
const OUTPUT_FIELDS = new Set(['effort']);
/** How much effort an answer may take. */
export const EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max'] as const;

/** What is said, the effort that a system message among it asks for, the last of them, and what is said of tools. */
type Conversation = {
  readonly messages: readonly Message[];
  readonly reasoningEffort?: (typeof EFFORTS)[number];
  readonly offered: OfferedTools;
};

/** `answer` refuses what no model goes on from; what is counted may end as it likes. */
export type Purpose = 'answer' | 'count';

/** The conversation, the system prompt first. Tool results stand in a user's message and become messages of their own. */
export function toMessages(
  system: JsonValue | undefined,
  given: JsonValue | undefined,
  purpose: Purpose,
): Conversation {
  const list = readList(given, 'messages', { min: 1, max: MESSAGES_MAX });
  const messages: Message[] = [];
  let reasoningEffort: Conversation['reasoningEffort'];
  const systemContent = system === undefined ? [] : readTexts(system, 'system');
  if (systemContent.length > 0) messages.push({ role: 'system', content: systemContent });
  const talk: Talk = { calls: new OpenToolCalls(), offered: new OfferedTools() };
  const { calls, offered } = talk;
  const lastUser = list.findLastIndex((message) => isJsonObject(message) && message.role === 'user');
  for (const [index, item] of list.entries()) {
    const field = `messages[${index}]`;
    const message = readObject(item, field);
    refuseUnknown(message, message.role === 'system' ? SYSTEM_MESSAGE_FIELDS : MESSAGE_FIELDS, field);
    const role = readChoice(message.role, `${field}.role`, ROLES);
    const isLast = index === list.length - 1;
    if (role === 'user') pushUser(messages, message.content, { field: `${field}.content`, talk });
    else if (role === 'system') {
      calls.requireAnswered();
      const effort = readEffort(message.output_config ?? undefined, `${field}.output_config`);
      const { texts, changes } = readSystem(message.content ?? (effort && ''), `${field}.content`);
      for (const [block, place] of changes) offered.readChange(block, place);
      const saysNothing = texts.length === 0 && (effort !== undefined || changes.length > 0);
      const isCleared = readClearAt(message, field) === 'next_user_message' && index < lastUser;
      if (!saysNothing && !isCleared) messages.push({ role, content: requireContent(texts, field) });
      reasoningEffort = effort ?? reasoningEffort;
    } else pushAssistant(messages, message.content, { field, calls, isLast });
  }
  if (purpose === 'answer') refusePrefill(messages, list);
  calls.requireAnswered();
  if (!messages.some(({ role }) => role === 'user' || role === 'tool')) {
    throw invalidField('messages', 'needs at least one message of the role "user"');
  }
  return { messages, offered, ...(reasoningEffort && { reasoningEffort }) };
}

/** Until when the model is shown a system message. */
function readClearAt({ clear_at: clearAt }: JsonObject, field: string) {
  return readChoice(clearAt ?? 'never', `${field}.clear_at`, ['never', 'next_user_message']);
}

function readEffort(value: JsonValue | undefined, field: string): Conversation['reasoningEffort'] {
  if (value === undefined) return undefined;
  const config = readObject(value, field);
  refuseUnknown(config, OUTPUT_FIELDS, field);
  return config.effort == null ? undefined : readChoice(config.effort, `${field}.effort`, EFFORTS);
}

type UserPlace = { readonly field: string; readonly talk: Talk };

function pushUser(messages: Message[], content: JsonValue | undefined, { field, talk }: UserPlace): void {
  const results: ToolResultPart[] = [];
  const said: (TextPart | MediaPart)[] = [];
  for (const [block, place] of blocksOf(content, field)) {
    for (const part of readUserBlock(block, place, talk)) {
      if (part.type === 'tool-result') {
        if (said.length > 0) throw invalidField(place, 'must stand before what is said and shown in its message');
        results.push(part);
      } else if (part.type !== 'text' || part.text !== '') said.push(part);
    }
  }
  if (results.length > 0) messages.push({ role: 'tool', content: results });
  if (said.length > 0) {
    talk.calls.requireAnswered();
    messages.push({ role: 'user', content: said });
  }
  if (results.length === 0) requireContent(said, field.replace(/\.content$/, ''));
}

type AssistantPlace = {
  readonly field: string;
  readonly calls: OpenToolCalls;
  readonly isLast: boolean;
};

function pushAssistant(
  messages: Message[],
  content: JsonValue | undefined,
  { field, calls, isLast }: AssistantPlace,
): void {
  calls.requireAnswered();
  const said = blocksOf(content, `${field}.content`)
    .map(([block, place]) => readAssistantBlock(block, place, calls))
    .filter((part) => part.type !== 'text' || part.text !== '');
  // The vendor allows an empty last message, and it means nothing.
  if (isLast && said.length === 0) return;
  // Some models answer without a word; where the talk goes on, their turn stands.
  messages.push({ role: 'assistant', content: said.length > 0 ? said : [{ type: 'text', text: '' }] });
}

/** What follows the last message without saying anything, a change of the tools or of the effort, makes it no other. */
function refusePrefill(messages: readonly Message[], list: readonly JsonValue[]): void {
  const last = messages.at(-1);
  if (last?.role !== 'assistant' || last.content.some((part) => part.type === 'tool-call')) return;
  const index = list.findLastIndex((message) => isJsonObject(message) && message.role === 'assistant');
  throw invalidField(
    `messages[${index}].role`,
    'must not be "assistant" in the last message: most models begin anew instead of going on from there',
    'Ask for the form of the answer in words, or with output_config.format.',
  );
}

/** A text stands for one block of text. */
function blocksOf(content: JsonValue | undefined, field: string): readonly (readonly [Block, string])[] {
  if (typeof content === 'string') return [[{ type: 'text', text: content }, field]];
  if (content !== undefined && !Array.isArray(content)) {
    throw invalidField(field, 'must be a text or a list of content blocks');
  }
  return readObjects(content, field, { max: BLOCKS_MAX }, (block, place) => [block, place]);
}

/** What a system message says, and what it changes of the tools. */
function readSystem(content: JsonValue | undefined, field: string) {
  const isChange = ([{ type }]: readonly [Block, string]) => type === 'tool_addition' || type === 'tool_removal';
  const blocks = blocksOf(content, field);
  return { texts: toTexts(blocks.filter((one) => !isChange(one))), changes: blocks.filter(isChange) };
}

/** What may hold texts only: system prompts. */
function readTexts(content: JsonValue | undefined, field: string): readonly TextPart[] {
  return toTexts(blocksOf(content, field));
}

function toTexts(blocks: readonly (readonly [Block, string])[]): readonly TextPart[] {
  return blocks
    .map(([block, place]) => {
      readChoice(block.type, `${place}.type`, ['text']);
      return readTextBlock(block, place);
    })
    .filter(({ text }) => text !== '');
}

function requireContent<Part>(content: readonly Part[], field: string): readonly Part[] {
  if (content.length === 0) throw invalidField(`${field}.content`, 'must not be empty');
  return content;
}
