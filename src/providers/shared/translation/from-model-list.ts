import { GatewayError } from '../../../core/errors.ts';
import type { ListedModel } from '../../../core/provider.ts';
import { arrayIn, countIn, textIn } from './wire-value.ts';

/** The names under which a model's window and its output limit are told; the first that is there counts. */
export type ModelListFields = { readonly context: readonly string[]; readonly output: readonly string[] };

/** Reads the answer to `GET /models`, which all vendors of this form have under `data`. */
export function fromModelList(body: unknown, { context, output }: ModelListFields): readonly ListedModel[] {
  const data = arrayIn(body, 'data');
  if (!data) throw new GatewayError('malformed_response', 'its model list has no "data".');
  return data.flatMap((model) => {
    const name = textIn(model, 'id');
    if (!name) return [];
    const contextTokens = firstCount(model, context);
    const outputTokensMax = firstCount(model, output);
    return {
      name,
      ...(contextTokens !== undefined && { contextTokens }),
      ...(outputTokensMax !== undefined && { outputTokensMax }),
    };
  });
}

function firstCount(model: unknown, fields: readonly string[]): number | undefined {
  for (const field of fields) {
    const count = countIn(model, field);
    if (count) return count;
  }
  return undefined;
}
