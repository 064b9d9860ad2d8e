import type { JsonObject } from '../../core/json.ts';
import type { UnsupportedParameters } from '../../core/parameters.ts';
import type { HttpContext } from '../http-types.ts';
import { readText } from '../request/read-value.ts';
import { readRouting } from '../request/routing-hints.ts';
import type { Surroundings } from './to-chat-request.ts';

/** Who asks, and which model they want. */
export function readSurroundings(
  context: HttpContext,
  body: JsonObject,
  unsupportedParameters: UnsupportedParameters,
): Surroundings {
  const routing = readRouting(context, readText(body.model, 'model'));
  return { routing, caller: context.get('caller'), unsupportedParameters };
}
