import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json/json.ts';

/** The path of the first block of a type, as refusals name blocks; undefined when no message has one. */
export function findBlock({ messages }: JsonObject, type: string): string | undefined {
  if (!Array.isArray(messages)) return undefined;
  for (const [index, message] of messages.entries()) {
    const found = isJsonObject(message) && findIn(message.content, type, `messages[${index}].content`);
    if (found) return found;
  }
  return undefined;
}

function findIn(content: JsonValue | undefined, type: string, place: string): string | undefined {
  if (!Array.isArray(content)) return undefined;
  for (const [index, block] of content.entries()) {
    if (!isJsonObject(block)) continue;
    const path = `${place}[${index}]`;
    if (block.type === type) return `${path}.${type}`;
    const within = block.type === 'tool_result' && findIn(block.content, type, `${path}.tool_result.content`);
    if (within) return within;
  }
  return undefined;
}
