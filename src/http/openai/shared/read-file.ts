import { parseDocument } from '../../../core/content/document-source.ts';
import type { JsonObject } from '../../../core/json/json.ts';
import type { DocumentPart, TextPart } from '../../../core/message.ts';
import { invalidField, readText } from '../../request/read-value.ts';

/** A file as both of OpenAI's formats hold one; it stands in one of `fields`. */
export function readFile(
  file: JsonObject,
  place: string,
  fields: readonly ['file_data', ...string[]],
): DocumentPart | TextPart {
  if (file.file_id != null) {
    throw invalidField(`${place}.file_id`, 'is not supported', `Files are not kept here: send "${fields[0]}".`);
  }
  const title = file.filename == null ? undefined : readText(file.filename, `${place}.filename`);
  const [given, another] = fields.filter((field) => file[field] != null);
  if (given === undefined) throw invalidField(`${place}.${fields[0]}`, 'is required');
  if (another !== undefined) throw invalidField(`${place}.${another}`, `must not stand beside "${given}"`);
  return parseDocument(readText(file[given], `${place}.${given}`), `${place}.${given}`, title);
}
