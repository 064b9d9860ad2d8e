import type { JsonObject } from '../../core/json/json.ts';
import type { MediaPart, TextPart } from '../../core/message.ts';
import { fromCarriedId } from '../carried-state.ts';
import { fromCustomInput } from '../openai/shared/custom-tool.ts';
import { readName } from '../openai/shared/read-name.ts';
import { requireSaid } from '../openai/shared/read-parts.ts';
import { readCalledName } from '../request/read-called-name.ts';
import { readChoice, readFilledText, readText, refuseUnknown } from '../request/read-value.ts';
import { toPlainName } from './called-tool.ts';
import type { Conversation } from './conversation.ts';
import { ITEM_FIELDS } from './item-fields.ts';
import { readMixedContent } from './read-content.ts';
import { readTools, type ToolList } from './read-tools.ts';
import { describeFound, readSearcher, SEARCH_NAME } from './tool-search.ts';

const CALL_FIELDS = [...ITEM_FIELDS, 'call_id', 'name', 'async', 'caller', 'namespace'];
const FUNCTION_CALL_FIELDS = new Set([...CALL_FIELDS, 'arguments', 'parsed_arguments']);
const CUSTOM_CALL_FIELDS = new Set([...CALL_FIELDS, 'input']);
const OUTPUT_FIELDS = new Set([...ITEM_FIELDS, 'call_id', 'output', 'name', 'caller', 'namespace']);
const ADDED_TOOLS_FIELDS = new Set([...ITEM_FIELDS, 'role', 'tools']);
const SEARCH_FIELDS = new Set([...ITEM_FIELDS, 'call_id', 'execution', 'arguments', 'created_by']);
const FOUND_FIELDS = new Set([...ITEM_FIELDS, 'call_id', 'execution', 'tools', 'created_by']);

type ReadItem = (item: JsonObject, place: string, conversation: Conversation) => ToolList | undefined;

const READERS: ReadonlyMap<unknown, ReadItem> = new Map<string, ReadItem>([
  ['function_call', readCall],
  ['custom_tool_call', readCustomCall],
  ['function_call_output', readOutput],
  ['custom_tool_call_output', readOutput],
  ['tool_search_call', readSearchCall],
  ['tool_search_output', readFoundTools],
  ['additional_tools', readAddedTools],
  ...['web_search', 'file_search', 'code_interpreter', 'image_generation'].map(
    (tool) => [`${tool}_call`, readHostedCall] as const,
  ),
]);

/** The reader of an item that is about tools: takes it into the conversation, and gives the tools that it adds. */
export function toolItemReader({ type }: JsonObject): ReadItem | undefined {
  return READERS.get(type);
}

function readAddedTools(item: JsonObject, place: string): ToolList {
  refuseUnknown(item, ADDED_TOOLS_FIELDS, place);
  readChoice(item.role, `${place}.role`, ['developer']);
  return readTools(item.tools ?? [], `${place}.tools`);
}

/** What OpenAI ran itself is of an answer that it gave: what came of it stands in the words behind it. */
function readHostedCall({ type }: JsonObject, place: string): ToolList {
  return { tools: [], hosted: [{ type: String(type), place, isPast: true }] };
}

/** What OpenAI looked for itself, in another service's answer, is known by what it found. */
function readSearchCall(item: JsonObject, place: string, conversation: Conversation): undefined {
  refuseUnknown(item, SEARCH_FIELDS, place);
  if (readSearcher(item, place) === 'server') return;
  const call = fromCarriedId(readFilledText(item.call_id, `${place}.call_id`));
  const argumentsJson = JSON.stringify(item.arguments ?? {});
  conversation.addCall({ type: 'tool-call', ...call, name: SEARCH_NAME, argumentsJson }, place);
}

/** The model knows what was found, deferred or not, from here on. */
function readFoundTools(item: JsonObject, place: string, conversation: Conversation): ToolList {
  refuseUnknown(item, FOUND_FIELDS, place);
  const { tools, hosted } = readTools(item.tools ?? [], `${place}.tools`);
  const known = tools.map((tool) => ({ ...tool, isDeferred: false }));
  if (readSearcher(item, place) === 'server') return { tools: known, hosted };
  const { id } = fromCarriedId(readFilledText(item.call_id, `${place}.call_id`));
  conversation.addResult(id, { text: describeFound(tools) }, place);
  return { tools: known.map((tool) => ({ ...tool, isFound: true })), hosted };
}

function readCall(item: JsonObject, place: string, conversation: Conversation): undefined {
  refuseUnknown(item, FUNCTION_CALL_FIELDS, place);
  addCall(item, readText(item.arguments, `${place}.arguments`), place, conversation);
}

function readCustomCall(item: JsonObject, place: string, conversation: Conversation): undefined {
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

function readOutput(item: JsonObject, place: string, conversation: Conversation): undefined {
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
