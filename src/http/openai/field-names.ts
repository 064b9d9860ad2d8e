import type { ErrorCode } from '../../core/error-codes.ts';
import { GatewayError } from '../../core/errors.ts';

/** Fields that errors name in the gateway's words, and what they are called in a request. */
export type FieldNames = ReadonlyMap<string, string>;

const FIELD_BY_CODE: { readonly [Code in ErrorCode]?: string } = { unknown_model: 'model', unknown_provider: 'model' };
const NO_OTHERS: FieldNames = new Map();
/** Asked for by a header, which is none of the fields. */
const PROVIDER = 'provider';

/** The same error with the field at fault as its sender wrote it. */
export function withFieldName(error: unknown, names: FieldNames = NO_OTHERS): unknown {
  if (!(error instanceof GatewayError)) return error;
  if (error.param === PROVIDER) return error.with({ param: 'x-signalbox-provider' });
  const param = error.param === undefined ? FIELD_BY_CODE[error.code] : names.get(error.param);
  return param === undefined ? error : error.with({ param });
}
