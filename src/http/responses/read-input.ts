import type { JsonObject, JsonValue } from '../../core/json/json.ts';
import type { Message } from '../../core/message.ts';
import { fromCarriedState } from '../carried-state.ts';
import { requireSaid } from '../openai/shared/read-parts.ts';
import { invalidField, readChoice, readObjects, readText, refuseUnknown } from '../request/read-value.ts';
import { Conversation } from './conversation.ts';
import { ITEM_FIELDS } from './item-fields.ts';
import { isReference } from './kept-items.ts';
import { readMixedContent, readTexts } from './read-content.ts';
import { toolItemReader } from './read-tool-items.ts';
import type { ToolList } from './read-tools.ts';

const ITEMS_MAX = 10_000;
const SUMMARIES_MAX = 1_000;
const ROLES = ['system', 'developer', 'user', 'assistant'] as const;

/** Of both directions: the items of an answer come back as they were. */
const MESSAGE_FIELDS = new Set([...ITEM_FIELDS, 'role', 'content', 'phase']);
const REASONING_FIELDS = new Set([...ITEM_FIELDS, 'summary', 'content', 'encrypted_content']);

const STORED =
  'Items are remembered for a while only: send the items themselves. Clients do so with "store": false (Vercel AI SDK: providerOptions.openai.store).';

type Input = { readonly messages: readonly Message[]; readonly tools: readonly ToolList[] };

/** The API's `input` as messages; what one turn of the assistant said in several items is one message. */
export function readInput(value: JsonValue, field: string): Input {
  if (typeof value === 'string') {
    const text = readText(value, field);
    if (text.trim() === '') throw invalidField(field, 'must not be empty');
    return { messages: [{ role: 'user', content: [{ type: 'text', text }] }], tools: [] };
  }
  const conversation = new Conversation();
  const tools: ToolList[] = [];
  readObjects(value, field, { min: 1, max: ITEMS_MAX }, (item, place) => {
    const readToolItem = toolItemReader(item);
    const added = readToolItem ? readToolItem(item, place, conversation) : readItem(item, place, conversation);
    if (added) tools.push(added);
  });
  const messages = conversation.end();
  if (messages.length === 0) throw invalidField(field, 'needs at least one item that says something');
  return { messages, tools };
}

function readItem(item: JsonObject, place: string, conversation: Conversation): undefined {
  const type = isReference(item) ? 'item_reference' : (item.type ?? (item.role === undefined ? undefined : 'message'));
  switch (readText(type, `${place}.type`)) {
    case 'message':
      readMessage(item, place, conversation);
      break;
    case 'reasoning':
      readReasoning(item, place, conversation);
      break;
    case 'item_reference':
      // Reasoning without what its vendor signed says nothing to any of them.
      if (String(item.id).startsWith('rs_')) break;
      throw invalidField(`${place}.type`, 'is "item_reference", but there is no item to refer to', STORED);
    default:
      throw unknownItem(item.type, place);
  }
}

function unknownItem(type: JsonValue | undefined, place: string): Error {
  const fault = `is ${JSON.stringify(String(type).slice(0, 60))}, which is not supported`;
  const hint =
    'Items are message, calls of functions and custom tools, their outputs, searches for tools, and reasoning; built-in tools do not run here.';
  return invalidField(`${place}.type`, fault, hint);
}

function readMessage(item: JsonObject, place: string, conversation: Conversation): void {
  refuseUnknown(item, MESSAGE_FIELDS, place);
  const role = readChoice(item.role, `${place}.role`, ROLES);
  const field = `${place}.content`;
  switch (role) {
    case 'system':
    case 'developer':
      conversation.addSystem(readTexts(item.content, field));
      break;
    case 'user': {
      const content = readMixedContent(item.content, field);
      requireSaid(content, field);
      conversation.addUser(content);
      break;
    }
    case 'assistant': {
      const content = readTexts(item.content, field);
      conversation.addAssistant(content.length > 0 ? content : [{ type: 'text', text: '' }]);
    }
  }
}

/** State that is not ours is of another service and of use to none of our providers. */
function readReasoning(item: JsonObject, place: string, conversation: Conversation): void {
  refuseUnknown(item, REASONING_FIELDS, place);
  const summary = readReasoningTexts(item.summary, `${place}.summary`);
  const text = summary === '' ? readReasoningTexts(item.content, `${place}.content`) : summary;
  const carried = item.encrypted_content;
  const vendorState = carried == null ? undefined : fromCarriedState(readText(carried, `${place}.encrypted_content`));
  if (text === '' && !vendorState) return;
  conversation.addAssistant([{ type: 'reasoning', text, ...(vendorState && { vendorState }) }]);
}

function readReasoningTexts(value: JsonValue | undefined, place: string): string {
  if (value == null) return '';
  const texts = readObjects(value, place, { max: SUMMARIES_MAX }, (part, within) => {
    readChoice(part.type, `${within}.type`, ['summary_text', 'reasoning_text']);
    return readText(part.text, `${within}.text`);
  });
  return texts.join('\n\n');
}
