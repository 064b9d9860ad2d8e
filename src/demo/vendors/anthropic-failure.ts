import type { ScriptedFailure, VendorCall } from './scripted.ts';
import { jsonReply, sseFrame, type WireReply } from './vendor-wire.ts';

type Shape = readonly [status: number, type: string, message: string];

/** Anthropic's failures as it words them. Source: platform.claude.com/docs/en/api/errors. */
function shapeOf({ failure }: ScriptedFailure, call: VendorCall | undefined): Shape {
  switch (failure) {
    case 'auth':
      return [401, 'authentication_error', `Invalid authentication credentials: ${(call?.key ?? '').slice(0, 8)}...`];
    case 'rate_limited':
      return [429, 'rate_limit_error', "This request would exceed your organization's rate limit."];
    case 'quota':
      return [400, 'invalid_request_error', 'Your credit balance is too low to access the Anthropic API.'];
    case 'unknown_model':
      return [404, 'not_found_error', `model: ${call && 'model' in call ? call.model : 'unknown'}`];
    case 'invalid':
      return [400, 'invalid_request_error', 'messages: Field required'];
    case 'context_too_long':
      return [400, 'invalid_request_error', 'prompt is too long: 9000 tokens > 8192 maximum'];
    case 'content_filter':
      return [400, 'invalid_request_error', 'Output blocked by content filtering policy'];
    case 'overloaded':
      return [529, 'overloaded_error', 'Overloaded'];
    case 'unavailable':
      return [503, 'api_error', 'Service unavailable'];
    case 'server_error':
      return [500, 'api_error', 'Internal server error'];
  }
}

function bodyOf(scripted: ScriptedFailure, call: VendorCall | undefined) {
  const [, type, message] = shapeOf(scripted, call);
  return {
    type: 'error',
    error: { type, message: scripted.message ?? message },
    request_id: 'req_simulated_anthropic',
  };
}

export function anthropicFailureReply(
  scripted: ScriptedFailure,
  call: VendorCall | undefined,
  headers: Readonly<Record<string, string>>,
): WireReply {
  const [status] = shapeOf(scripted, call);
  return jsonReply(status, bodyOf(scripted, call), { ...headers, ...scripted.headers });
}

export function anthropicFailureFrame(scripted: ScriptedFailure): string {
  return sseFrame(bodyOf(scripted, undefined), 'error');
}
