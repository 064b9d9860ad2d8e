import type { JsonObject } from '../../core/json.ts';
import type { UnsupportedParameters } from '../../core/parameters.ts';
import type { OpenRequest } from '../request/open-request.ts';
import { readText } from '../request/read-value.ts';
import { readRouting } from '../request/routing-hints.ts';
import type { Surroundings } from './to-chat-request.ts';

/** Who asks, and which model they want. */
export function readSurroundings(
  open: OpenRequest,
  body: JsonObject,
  unsupportedParameters: UnsupportedParameters,
): Surroundings {
  const routing = readRouting(open, readText(body.model, 'model'));
  return { routing, caller: open.caller, unsupportedParameters };
}
