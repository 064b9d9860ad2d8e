import type { ErrorCode } from '../../core/error-codes.ts';
import { GatewayError } from '../../core/errors.ts';

/** Fields that errors name in the gateway's words, and what they are called in a request. */
export type FieldNames = ReadonlyMap<string, string>;

const FIELD_BY_CODE: { readonly [Code in ErrorCode]?: string } = { unknown_model: 'model', unknown_provider: 'model' };
const NO_OTHERS: FieldNames = new Map();
/** Asked for by a header, which is none of the fields. */
const PROVIDER = 'provider';

/** The same error with the field at fault as its sender wrote it, in what it says as well. */
export function withFieldName(error: unknown, names: FieldNames = NO_OTHERS): unknown {
  if (!(error instanceof GatewayError)) return error;
  if (error.param === PROVIDER) return error.with({ param: 'x-signalbox-provider' });
  if (error.param === undefined) {
    const param = FIELD_BY_CODE[error.code];
    return param === undefined ? error : error.with({ param });
  }
  const param = names.get(error.param);
  if (param === undefined) return error;
  const { message, hint } = error;
  return error.with({ param, message: inWordsOf(names, message), hint: hint && inWordsOf(names, hint) });
}

/** Each as a word of its own: not as a part of a model's name. */
function inWordsOf(names: FieldNames, text: string): string {
  const words = new RegExp(`(?<![\\w./-])(?:${[...names.keys()].join('|')})(?![\\w/-]|\\.\\w)`, 'g');
  return text.replace(words, (word) => names.get(word) ?? word);
}
