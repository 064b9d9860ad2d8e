import type { JsonObject, JsonValue } from '../../core/json/json.ts';
import type { MediaPart, Message, TextPart } from '../../core/message.ts';
import { fromCarriedId, fromCarriedState } from '../carried-state.ts';
import { fromCustomInput } from '../openai/shared/custom-tool.ts';
import { readName } from '../openai/shared/read-name.ts';
import { requireSaid } from '../openai/shared/read-parts.ts';
import { readCalledName } from '../request/read-called-name.ts';
import {
  invalidField,
  readChoice,
  readFilledText,
  readObjects,
  readText,
  refuseUnknown,
} from '../request/read-value.ts';
import { toPlainName } from './called-tool.ts';
import { Conversation } from './conversation.ts';
import { isReference } from './kept-items.ts';
import { readMixedContent, readTexts } from './read-content.ts';
import { type OwnTools, readTools } from './read-tools.ts';

const ITEMS_MAX = 10_000;
const SUMMARIES_MAX = 1_000;
const ROLES = ['system', 'developer', 'user', 'assistant'] as const;

/** Of each item. The last is Codex's own note, of the turn and kind of what stands there, to a provider that it takes for OpenAI. */
const ITEM_FIELDS = ['type', 'id', 'status', 'internal_chat_message_metadata_passthrough'];
/** Of both directions: the items of an answer come back as they were. */
const MESSAGE_FIELDS = new Set([...ITEM_FIELDS, 'role', 'content', 'phase']);
const CALL_FIELDS = new Set([
  ...ITEM_FIELDS,
  ...['call_id', 'name', 'arguments', 'parsed_arguments', 'async', 'caller', 'namespace'],
]);
const CUSTOM_CALL_FIELDS = new Set([...ITEM_FIELDS, 'call_id', 'name', 'input', 'async', 'caller', 'namespace']);
const OUTPUT_FIELDS = new Set([...ITEM_FIELDS, 'call_id', 'output', 'name', 'caller', 'namespace']);
const ADDED_TOOLS_FIELDS = new Set([...ITEM_FIELDS, 'role', 'tools']);
const REASONING_FIELDS = new Set([...ITEM_FIELDS, 'summary', 'content', 'encrypted_content']);

const STORED =
  'Items are remembered for a while only: send the items themselves. Clients do so with "store": false (Vercel AI SDK: providerOptions.openai.store).';

type Input = { readonly messages: readonly Message[]; readonly tools: readonly OwnTools[] };

/** The API's `input` as messages; what one turn of the assistant said in several items is one message. */
export function readInput(value: JsonValue, field: string): Input {
  if (typeof value === 'string') {
    const text = readText(value, field);
    if (text.trim() === '') throw invalidField(field, 'must not be empty');
    return { messages: [{ role: 'user', content: [{ type: 'text', text }] }], tools: [] };
  }
  const conversation = new Conversation();
  const tools: OwnTools[] = [];
  readObjects(value, field, { min: 1, max: ITEMS_MAX }, (item, place) => {
    if (item.type === 'additional_tools') tools.push(readAddedTools(item, place));
    else readItem(item, place, conversation);
  });
  const messages = conversation.end();
  if (messages.length === 0) throw invalidField(field, 'needs at least one item that says something');
  return { messages, tools };
}

function readAddedTools(item: JsonObject, place: string): OwnTools {
  refuseUnknown(item, ADDED_TOOLS_FIELDS, place);
  readChoice(item.role, `${place}.role`, ['developer']);
  return readTools(item.tools ?? [], `${place}.tools`);
}

function readItem(item: JsonObject, place: string, conversation: Conversation): void {
  const type = isReference(item) ? 'item_reference' : (item.type ?? (item.role === undefined ? undefined : 'message'));
  switch (readText(type, `${place}.type`)) {
    case 'message':
      readMessage(item, place, conversation);
      break;
    case 'function_call':
      readCall(item, place, conversation);
      break;
    case 'custom_tool_call':
      readCustomCall(item, place, conversation);
      break;
    case 'function_call_output':
    case 'custom_tool_call_output':
      readOutput(item, place, conversation);
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
    'Items are message, calls of functions and custom tools, their outputs, and reasoning; built-in tools do not run here.';
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

function readCall(item: JsonObject, place: string, conversation: Conversation): void {
  refuseUnknown(item, CALL_FIELDS, place);
  addCall(item, readText(item.arguments, `${place}.arguments`), place, conversation);
}

function readCustomCall(item: JsonObject, place: string, conversation: Conversation): void {
  refuseUnknown(item, CUSTOM_CALL_FIELDS, place);
  addCall(item, fromCustomInput(readText(item.input, `${place}.input`)), place, conversation);
}

function addCall(item: JsonObject, argumentsJson: string, place: string, conversation: Conversation): void {
  const carriedId = readFilledText(item.call_id, `${place}.call_id`);
  const plain = readCalledName(item.name, `${place}.name`, 64);
  const namespace = item.namespace == null ? '' : readName(item.namespace, `${place}.namespace`);
  const name = namespace === '' ? plain : toPlainName({ namespace, name: plain });
  conversation.addCall({ type: 'tool-call', ...fromCarriedId(carriedId), name, argumentsJson }, place);
}

function readOutput(item: JsonObject, place: string, conversation: Conversation): void {
  refuseUnknown(item, OUTPUT_FIELDS, place);
  if (item.call_id == null && item.name != null) {
    conversation.addUser(readUncalled(item, place));
    return;
  }
  const { id } = fromCarriedId(readFilledText(item.call_id, `${place}.call_id`));
  const parts = readMixedContent(item.output, `${place}.output`);
  const media = parts.filter((part) => part.type !== 'text');
  const text = parts.flatMap((part) => (part.type === 'text' ? [part.text] : []));
  conversation.addResult(id, { text: text.join('\n'), ...(media.length > 0 && { media }) }, place);
}

/** What a tool says without having been called: so Codex brings messages of other threads. No vendor has a role for it. */
function readUncalled({ name, output }: JsonObject, place: string): readonly (TextPart | MediaPart)[] {
  const said = readMixedContent(output, `${place}.output`);
  requireSaid(said, `${place}.output`);
  return [{ type: 'text', text: `Said by the tool ${readCalledName(name, `${place}.name`, 64)}:` }, ...said];
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
