import type { ScriptedFailure, VendorCall } from './scripted.ts';
import { jsonReply, sseFrame, type WireReply } from './vendor-wire.ts';

type Shape = readonly [status: number, type: string, code: string | null, message: string];

/** OpenAI's failures as it words them. Source: platform.openai.com/docs/guides/error-codes. */
function shapeOf({ failure }: ScriptedFailure, call: VendorCall | undefined): Shape {
  const model = call && 'model' in call ? call.model : 'unknown';
  // OpenAI shows the first and the last characters of a wrong key.
  const key = `${(call?.key ?? '').slice(0, 8)}****${(call?.key ?? '').slice(-4)}`;
  switch (failure) {
    case 'auth':
      return [
        401,
        'invalid_request_error',
        'invalid_api_key',
        `Incorrect API key provided: ${key}. You can find your API key at https://platform.openai.com/account/api-keys.`,
      ];
    case 'rate_limited':
      return [429, 'tokens', 'rate_limit_exceeded', `Rate limit reached for ${model} on tokens per min (TPM).`];
    case 'quota':
      return [
        429,
        'insufficient_quota',
        'insufficient_quota',
        'You exceeded your current quota, please check your plan and billing details.',
      ];
    case 'unknown_model':
      return [
        404,
        'invalid_request_error',
        'model_not_found',
        `The model \`${model}\` does not exist or you do not have access to it.`,
      ];
    case 'invalid':
      return [400, 'invalid_request_error', null, "Invalid value for 'messages': expected an array."];
    case 'context_too_long':
      return [
        400,
        'invalid_request_error',
        'context_length_exceeded',
        "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens. Please reduce the length of the messages.",
      ];
    case 'content_filter':
      return [
        400,
        'invalid_request_error',
        'content_policy_violation',
        'Your request was rejected as a result of our safety system.',
      ];
    case 'overloaded':
      return [
        503,
        'service_unavailable_error',
        'server_is_overloaded',
        'The engine is currently overloaded, please try again later.',
      ];
    case 'unavailable':
      return [503, 'service_unavailable_error', null, 'Service unavailable.'];
    case 'server_error':
      return [500, 'server_error', null, 'The server had an error while processing your request. Sorry about that!'];
  }
}

function bodyOf(scripted: ScriptedFailure, call: VendorCall | undefined) {
  const [, type, code, message] = shapeOf(scripted, call);
  return { error: { message: scripted.message ?? message, type, param: null, code } };
}

export function chatFailureReply(
  scripted: ScriptedFailure,
  call: VendorCall | undefined,
  headers: Readonly<Record<string, string>>,
): WireReply {
  const [status] = shapeOf(scripted, call);
  return jsonReply(status, bodyOf(scripted, call), { ...headers, ...scripted.headers });
}

export function chatFailureFrame(scripted: ScriptedFailure): string {
  return sseFrame(bodyOf(scripted, undefined));
}
