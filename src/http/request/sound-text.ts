import { GatewayError } from '../../core/errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json/json.ts';

/** The speakers whom clients quote: they cannot write it otherwise. */
const QUOTED_ROLES: ReadonlySet<JsonValue | undefined> = new Set(['assistant', 'tool', 'function']);
/** Calls of tools and what came of them, in the words of all three APIs. */
const QUOTED_TYPE = /(?:_call|_use|_output|_result)$/;
const REPLACEMENT = '\ufffd';

/**
 * Refuses texts that no vendor can be trusted to carry: half a surrogate pair, NUL. What tools gave back and models said gets U+FFFD in
 * their place, within `value`: a program's output holds a NUL easily, or was cut within a character, and who refuses it
 * refuses each later turn of that conversation. Throws `invalid_request`.
 */
export function requireSoundText(value: JsonValue, isQuoted = false): void {
  if (Array.isArray(value)) {
    const items: JsonValue[] = value;
    for (const [index, item] of items.entries()) items[index] = sounded(item, isQuoted);
  } else if (isJsonObject(value)) {
    const fields = value as Record<string, JsonValue>;
    const isQuotedHere = isQuoted || isQuote(value);
    for (const key of Object.keys(fields)) {
      toSound(key, false);
      fields[key] = sounded(fields[key] as JsonValue, isQuotedHere);
    }
  }
}

function sounded(value: JsonValue, isQuoted: boolean): JsonValue {
  if (typeof value === 'string') return toSound(value, isQuoted);
  requireSoundText(value, isQuoted);
  return value;
}

function isQuote({ role, type }: JsonObject): boolean {
  return QUOTED_ROLES.has(role) || (typeof type === 'string' && QUOTED_TYPE.test(type));
}

function toSound(text: string, isQuoted: boolean): string {
  const hasNul = text.includes('\0');
  if (!hasNul && text.isWellFormed()) return text;
  if (isQuoted) return text.toWellFormed().replaceAll('\0', REPLACEMENT);
  const fault = hasNul ? 'the character NUL' : 'half of a surrogate pair';
  throw new GatewayError('invalid_request', `A text in the body holds ${fault}.`);
}
