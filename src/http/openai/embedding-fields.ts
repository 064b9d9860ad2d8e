import type { JsonObject, JsonValue } from '../../core/json/json.ts';
import {
  invalidField,
  readChoice,
  readFilledText,
  readInteger,
  readItems,
  readText,
  refuseUnknown,
} from '../request/read-value.ts';
import type { FieldNote } from './shared/field-rules.ts';

/** What one call of the largest vendors takes. Source: developers.openai.com/api/reference, embeddings/create. */
const INPUTS_MAX = 2_048;
/** Far above what any model makes. */
const DIMENSIONS_MAX = 65_536;
const ENCODINGS = ['float', 'base64'] as const;

export const EMBEDDING_FIELDS: ReadonlyMap<string, FieldNote> = new Map<string, FieldNote>([
  ['model', { treatment: 'used', note: '`auto`, `provider/model` or a bare known id of an embedding model.' }],
  ['input', { treatment: 'used', note: 'A text or up to 2,048, none empty; token ids are refused.' }],
  ['encoding_format', { treatment: 'used', note: '`float` (default) or `base64`.' }],
  ['user', { treatment: 'accepted', note: 'Not passed on.' }],
  [
    'dimensions',
    {
      treatment: 'used',
      note: 'From 1. A model that takes none is an error (400), also where its server would pass over them.',
    },
  ],
]);

const KNOWN = new Set(EMBEDDING_FIELDS.keys());

export type EmbeddingCall = {
  readonly modelName: string;
  readonly input: readonly string[];
  readonly dimensions?: number;
  readonly encoding: (typeof ENCODINGS)[number];
};

/** Throws `invalid_request` naming the field. */
export function readEmbeddingCall(body: JsonObject): EmbeddingCall {
  refuseUnknown(body, KNOWN);
  const { model, input, encoding_format, user, dimensions } = body;
  if (user != null) readText(user, 'user');
  return {
    modelName: readText(model, 'model'),
    input: readInput(input),
    ...(dimensions != null && { dimensions: readInteger(dimensions, 'dimensions', { min: 1, max: DIMENSIONS_MAX }) }),
    encoding: encoding_format == null ? 'float' : readChoice(encoding_format, 'encoding_format', ENCODINGS),
  };
}

function readInput(value: JsonValue | undefined): readonly string[] {
  if (!Array.isArray(value)) return [readFilledText(value, 'input')];
  return readItems(value, 'input', { min: 1, max: INPUTS_MAX }, (text, place) => {
    if (typeof text === 'number' || Array.isArray(text)) {
      throw invalidField(place, 'is a token id, which means something to one vendor only', 'Send texts.');
    }
    return readFilledText(text, place);
  });
}
