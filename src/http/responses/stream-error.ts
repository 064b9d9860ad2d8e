import type { GatewayError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json/json.ts';
import { errorBody } from '../reply/error-body.ts';

type OpenAiError = {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string;
};

/**
 * A failure of a running stream, for its `error` event and for the failed response. Official servers
 * nest the error in the event and the published schema has it flat: both are there, for every reader.
 */
export function toStreamError(error: GatewayError): { readonly event: JsonObject; readonly failure: JsonObject } {
  const { error: nested } = errorBody('openai', error) as { readonly error: OpenAiError };
  return {
    event: { code: nested.code, message: nested.message, param: nested.param, error: nested },
    failure: { code: failureCode(error), message: nested.message },
  };
}

/** The API knows a closed list of codes here; these are the ones that fit. */
function failureCode({ code }: GatewayError): string {
  switch (code) {
    case 'rate_limited':
    case 'quota_exhausted':
      return 'rate_limit_exceeded';
    case 'content_filtered':
      return 'invalid_prompt';
    default:
      return 'server_error';
  }
}
