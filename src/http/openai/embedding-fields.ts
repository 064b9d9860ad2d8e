import type { JsonObject, JsonValue } from '../../core/json/json.ts';
import type { EmbedItem } from '../../core/request.ts';
import { readChoice, readFilledText, readInteger, readItems, readText } from '../request/read-value.ts';
import type { FieldNote } from './shared/field-rules.ts';

/** What one call of the largest vendors takes. Source: developers.openai.com/api/reference, embeddings/create. */
const INPUTS_MAX = 2_048;
/** As many as one call may have there in all. */
const TOKENS_MAX = 300_000;
const TOKEN_ID = { min: 0, max: 0x7f_ff_ff_ff };
/** Far above what any model makes. */
const DIMENSIONS_MAX = 65_536;
const ENCODINGS = ['float', 'base64'] as const;

export const EMBEDDING_FIELDS: ReadonlyMap<string, FieldNote> = new Map<string, FieldNote>([
  [
    'model',
    {
      treatment: 'used',
      note: '`provider/model` or a bare known id of an embedding model; `auto` is the first by `priority`, then by the order of the providers, and no other takes its place.',
    },
  ],
  [
    'input',
    {
      treatment: 'used',
      note: 'A text or up to 2,048, none empty; for models of OpenAI also the ids of their tokens.',
    },
  ],
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

export type EmbeddingCall = {
  readonly modelName: string;
  readonly input: readonly EmbedItem[];
  readonly dimensions?: number;
  readonly encoding: (typeof ENCODINGS)[number];
};

/** Throws `invalid_request` naming the field. */
export function readEmbeddingCall(body: JsonObject): EmbeddingCall {
  const { model, input, encoding_format, user, dimensions } = body;
  if (user != null) readText(user, 'user');
  return {
    modelName: readText(model, 'model'),
    input: readInput(input),
    ...(dimensions != null && { dimensions: readInteger(dimensions, 'dimensions', { min: 1, max: DIMENSIONS_MAX }) }),
    encoding: encoding_format == null ? 'float' : readChoice(encoding_format, 'encoding_format', ENCODINGS),
  };
}

function readInput(value: JsonValue | undefined): readonly EmbedItem[] {
  if (!Array.isArray(value)) return [readFilledText(value, 'input')];
  if (typeof value[0] === 'number') return [readTokenIds(value, 'input')];
  const readItem = Array.isArray(value[0]) ? readTokenIds : readFilledText;
  return readItems<EmbedItem>(value, 'input', { min: 1, max: INPUTS_MAX }, readItem);
}

function readTokenIds(value: JsonValue, param: string): readonly number[] {
  return readItems(value, param, { min: 1, max: TOKENS_MAX }, (id, place) => readInteger(id, place, TOKEN_ID));
}
