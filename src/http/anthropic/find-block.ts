import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json/json.ts';
import type { MediaPart } from '../../core/message.ts';

/** The path of the first block that shows an image or a PDF, as refusals name blocks; undefined when no message has one. */
export function findBlock({ messages }: JsonObject, type: MediaPart['type']): string | undefined {
  if (!Array.isArray(messages)) return undefined;
  for (const [index, message] of messages.entries()) {
    const found = isJsonObject(message) && findIn(message.content, type, `messages[${index}].content`);
    if (found) return found;
  }
  return undefined;
}

function findIn(content: JsonValue | undefined, type: MediaPart['type'], place: string): string | undefined {
  if (!Array.isArray(content)) return undefined;
  for (const [index, block] of content.entries()) {
    if (!isJsonObject(block)) continue;
    const path = `${place}[${index}]`;
    if (shows(block, type)) return `${path}.${block.type}`;
    const within = block.type === 'tool_result' && findIn(block.content, type, `${path}.tool_result.content`);
    if (within) return within;
  }
  return undefined;
}

/** A document may be text, or hold images among its texts. */
function shows(block: JsonObject, type: MediaPart['type']): boolean {
  if (block.type !== 'document') return block.type === type;
  const source = isJsonObject(block.source) ? block.source : {};
  if (type === 'document') return source.type === 'base64' || source.type === 'url';
  return Array.isArray(source.content) && source.content.some((part) => isJsonObject(part) && part.type === 'image');
}
