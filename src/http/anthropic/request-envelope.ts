import type { JsonObject } from '../../core/json/json.ts';
import type { UnsupportedParameters } from '../../core/parameters.ts';
import type { ChatRequest } from '../../core/request.ts';
import type { OpenRequest } from '../request/open-request.ts';
import { readText } from '../request/read-value.ts';
import { readRouting } from '../request/routing-hints.ts';

/** Who asks, which model they want, and what becomes of parameters it does not take. */
export type RequestEnvelope = Pick<ChatRequest, 'routing' | 'caller' | 'unsupportedParameters'>;

export function readEnvelope(
  open: OpenRequest,
  body: JsonObject,
  unsupportedParameters: UnsupportedParameters,
): RequestEnvelope {
  const routing = readRouting(open, readText(body.model, 'model'));
  return { routing, caller: open.caller, unsupportedParameters };
}
