import { GatewayError } from '../../../core/errors.ts';
import type { JsonValue } from '../../../core/json/json.ts';
import { shorten } from '../../../core/wording/describe-value.ts';
import { invalidField, readObject, readText } from '../../request/read-value.ts';

const ENTRIES_MAX = 16;
const KEY_CHARACTERS_MAX = 64;
const BYTES_MAX = 16 * 1024;

/** OpenAI's `metadata`: up to 16 texts under short names, 16 KB together. */
export function readMetadata(value: JsonValue, field: string): Readonly<Record<string, string>> {
  const entries = Object.entries(readObject(value, field));
  if (entries.length > ENTRIES_MAX) {
    throw invalidField(field, `must have at most ${ENTRIES_MAX} entries, not ${entries.length}`);
  }
  let bytes = 0;
  const read = entries.map(([key, text]) => {
    const place = `${field}.${shorten(key, KEY_CHARACTERS_MAX)}`;
    if (readText(key, place).length > KEY_CHARACTERS_MAX) {
      throw invalidField(place, `has a name of more than ${KEY_CHARACTERS_MAX} characters`);
    }
    bytes += Buffer.byteLength(key) + Buffer.byteLength(readText(text, place));
    return [key, readText(text, place)] as const;
  });
  if (bytes > BYTES_MAX) {
    const message = `"${field}" has ${bytes.toLocaleString('en-US')} bytes; at most ${BYTES_MAX.toLocaleString('en-US')} are accepted.`;
    throw new GatewayError('too_large', message, { param: field, hint: 'Keep long content out of metadata.' });
  }
  return Object.fromEntries(read);
}
