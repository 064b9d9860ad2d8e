import { addAll } from '../collections/add-all.ts';
import { GatewayError } from '../errors.ts';
import { type JsonObject, parseJsonObject, parseToRewrite } from '../json/json.ts';
import { findJsonExcess, JSON_ALL_MEMBERS_MAX, JSON_VALUES_MAX, measureJson } from '../json/json-excess.ts';
import type { Message, ToolCallPart, ToolResultPart } from '../message.ts';
import { shorten } from '../wording/describe-value.ts';

/** Deeper ones exhaust the stack of whoever writes them out again. */
const ARGUMENTS_DEPTH_MAX = 500;

/**
 * The arguments of a call as an object, for vendors whose wire carries no JSON text. A model may have
 * written something else, or what no one can carry; that is kept readable, so that it can see in the next
 * turn what it sent. To be written out, not read: numbers we cannot hold are as the model wrote them.
 */
export function toolArguments({ argumentsJson }: ToolCallPart): JsonObject {
  if (argumentsJson.trim() === '') return {};
  const isExcessive = findJsonExcess(argumentsJson, ARGUMENTS_DEPTH_MAX) !== undefined;
  return (
    (isExcessive ? undefined : parseJsonObject(argumentsJson, parseToRewrite)) ?? { invalid_arguments: argumentsJson }
  );
}

/**
 * To a reader of the body, arguments are one text each. Parsed for a vendor they cost as much as the body itself,
 * so what they hold together has the same limit. Throws `invalid_request`.
 */
export function refuseExcessiveArguments(messages: readonly Message[]): void {
  const texts: string[] = [];
  for (const message of messages) {
    if (message.role !== 'assistant') continue;
    for (const part of message.content) if (part.type === 'tool-call') texts.push(part.argumentsJson);
  }
  // No text holds more values than characters, and hardly any request has as many.
  if (texts.reduce((sum, { length }) => sum + length, 0) <= JSON_VALUES_MAX) return;
  let [values, members] = [0, 0];
  for (const text of texts) {
    const extent = measureJson(text, Number.POSITIVE_INFINITY);
    values += extent.values;
    members += extent.members;
    if (values > JSON_VALUES_MAX) throw excessive(JSON_VALUES_MAX, 'values');
    if (members > JSON_ALL_MEMBERS_MAX) throw excessive(JSON_ALL_MEMBERS_MAX, 'members of objects');
  }
}

function excessive(most: number, what: string): GatewayError {
  const message = `The arguments of the tool calls hold more than ${most.toLocaleString('en-US')} ${what}.`;
  return new GatewayError('invalid_request', message);
}

/**
 * The results of parallel calls in the order of the calls, whatever order the caller gave them in: for
 * vendors that tell results of one tool apart by their place alone.
 */
export function withResultsInCallOrder(messages: readonly Message[]): readonly Message[] {
  const ordered: Message[] = [];
  let places: ReadonlyMap<string, number> = new Map();
  let results: ToolResultPart[] = [];
  const endTurn = () => {
    if (results.length > 0) ordered.push({ role: 'tool', content: inOrder(results, places) });
    results = [];
  };
  for (const message of messages) {
    if (message.role === 'tool') {
      addAll(results, message.content);
      continue;
    }
    endTurn();
    if (message.role === 'assistant') places = placesOf(message.content);
    ordered.push(message);
  }
  endTurn();
  return ordered;
}

function placesOf(content: Extract<Message, { role: 'assistant' }>['content']): Map<string, number> {
  return new Map(content.flatMap((part, place) => (part.type === 'tool-call' ? [[part.id, place]] : [])));
}

function inOrder(results: readonly ToolResultPart[], places: ReadonlyMap<string, number>): readonly ToolResultPart[] {
  const placeOf = ({ toolCallId }: ToolResultPart): number => places.get(toolCallId) ?? 0;
  return results.toSorted((one, other) => placeOf(one) - placeOf(other));
}

/**
 * Every tool call of an assistant message must be answered exactly once, by the tool messages right
 * after it, and every result must belong to such a call: vendors refuse anything else, most of them
 * without saying what is wrong. Throws `invalid_request` naming the message, as `nameOf` calls it, and the call.
 */
export function validateToolPairing(
  messages: readonly Message[],
  nameOf = (index: number): string => `messages[${index}]`,
): void {
  let open = NO_CALLS;
  for (const [index, message] of messages.entries()) {
    if (message.role === 'tool') {
      for (const part of message.content) {
        if (!open.delete(part.toolCallId)) {
          throw wronglyPaired(
            nameOf(index),
            `answers the tool call "${shorten(part.toolCallId)}", but no assistant message right before it made that call or it is already answered.`,
            'Put each tool result once, directly after the assistant message that called the tool.',
          );
        }
      }
      continue;
    }
    refuseUnanswered(open);
    open = message.role === 'assistant' ? callsOf(message.content, nameOf(index)) : NO_CALLS;
  }
  refuseUnanswered(open);
}

/** Of most messages; nothing is ever put into it. */
const NO_CALLS = new Map<string, string>();

function callsOf(content: Extract<Message, { role: 'assistant' }>['content'], name: string): Map<string, string> {
  const calls = new Map<string, string>();
  for (const part of content) {
    if (part.type !== 'tool-call') continue;
    if (calls.has(part.id)) {
      const fault = `makes two tool calls with the id "${shorten(part.id)}".`;
      throw wronglyPaired(name, fault, 'Give every tool call of a message its own id.');
    }
    calls.set(part.id, name);
  }
  return calls;
}

function refuseUnanswered(open: ReadonlyMap<string, string>): void {
  for (const [id, name] of open) {
    const hint = 'Add a tool message with the result of every call directly after it.';
    throw wronglyPaired(name, `calls a tool ("${shorten(id)}") whose result is missing.`, hint);
  }
}

function wronglyPaired(name: string, fault: string, hint: string): GatewayError {
  return new GatewayError('invalid_request', `${name} ${fault}`, { hint, param: name });
}
