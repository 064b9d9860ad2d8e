import { parseImage } from '../../core/content/image-source.ts';
import type { JsonObject, JsonValue } from '../../core/json/json.ts';
import type { DocumentPart, ImagePart, MediaPart, TextPart } from '../../core/message.ts';
import { readFile } from '../openai/shared/read-file.ts';
import { readDetail, readParts, refuseTypes } from '../openai/shared/read-parts.ts';
import { invalidField, readChoice, readText, refuseUnknown } from '../request/read-value.ts';

const TEXT_TYPES = ['input_text', 'output_text', 'text'];
/** Of both directions: what an answer held may come back as it was. */
const TEXT_FIELDS = new Set(['type', 'text', 'annotations', 'logprobs', 'parsed', 'prompt_cache_breakpoint']);
const IMAGE_FIELDS = new Set(['type', 'image_url', 'file_id', 'detail', 'prompt_cache_breakpoint']);
const FILE_FIELDS = new Set([
  'type',
  'file_data',
  'file_url',
  'file_id',
  'filename',
  'detail',
  'prompt_cache_breakpoint',
]);
/** The official client puts `parsed` on each part of a stream's final response. */
const REFUSAL_FIELDS = new Set(['type', 'refusal', 'parsed']);

const NOT_TAKEN: Readonly<Record<string, string>> = {
  input_audio: 'Send a transcript as text.',
};

/** What a user or a tool says: a text, or a list of texts, images and files. */
export function readMixedContent(value: JsonValue | undefined, place: string): readonly (TextPart | MediaPart)[] {
  return readParts(value, place, (part, within) => {
    if (part.type === 'input_image') return readImage(part, within);
    return part.type === 'input_file' ? readInputFile(part, within) : readTextPart(part, within);
  });
}

/**
 * What a system or an assistant says. A refusal is what the assistant said; where a stream told only at its end that
 * it was one, the message holds it as text as well, and it counts once.
 */
export function readTexts(value: JsonValue | undefined, place: string): readonly TextPart[] {
  let said = '';
  return readParts(value, place, (part, within): TextPart => {
    if (part.type !== 'refusal') {
      const read = readTextPart(part, within);
      said += read.text;
      return read;
    }
    refuseUnknown(part, REFUSAL_FIELDS, within);
    const refusal = readText(part.refusal, `${within}.refusal`);
    return { type: 'text', text: refusal === said ? '' : refusal };
  });
}

function readTextPart(part: JsonObject, place: string): TextPart {
  refuseTypes(part, place, NOT_TAKEN);
  readChoice(part.type, `${place}.type`, TEXT_TYPES);
  refuseUnknown(part, TEXT_FIELDS, place);
  return { type: 'text', text: readText(part.text, `${place}.text`) };
}

function readImage(part: JsonObject, place: string): ImagePart {
  refuseUnknown(part, IMAGE_FIELDS, place);
  if (part.file_id != null) {
    throw invalidField(`${place}.file_id`, 'is not supported', 'Files are not kept here: send "image_url".');
  }
  return {
    ...parseImage(readText(part.image_url, `${place}.image_url`), `${place}.image_url`),
    ...readDetail(part.detail, `${place}.detail`),
  };
}

function readInputFile(part: JsonObject, place: string): DocumentPart | TextPart {
  refuseUnknown(part, FILE_FIELDS, place);
  if (part.detail != null) readChoice(part.detail, `${place}.detail`, ['auto', 'low', 'high']);
  return readFile(part, place, ['file_data', 'file_url']);
}
