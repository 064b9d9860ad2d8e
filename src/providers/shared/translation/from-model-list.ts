import { GatewayError } from '../../../core/errors.ts';
import { arrayIn, textIn } from './wire-value.ts';

/** The names in the answer to `GET /models`, which all vendors of this form have under `data`. */
export function fromModelList(body: unknown): readonly string[] {
  const data = arrayIn(body, 'data');
  if (!data) throw new GatewayError('malformed_response', 'its model list has no "data".');
  return data.flatMap((model) => textIn(model, 'id') || []);
}
