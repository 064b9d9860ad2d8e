import { GatewayError } from '../../core/errors.ts';
import type { ListedModel } from '../../core/provider.ts';
import { arrayIn, countIn, textIn } from '../shared/wire-value.ts';

/** Reads `GET /v1/models`. Source: platform.claude.com/docs/en/api/models/list. */
export function fromAnthropicModels(body: unknown): readonly ListedModel[] {
  const data = arrayIn(body, 'data');
  if (!data) throw new GatewayError('malformed_response', 'its model list has no "data".');
  return data.flatMap((model) => {
    const name = textIn(model, 'id');
    if (!name) return [];
    const contextTokens = countIn(model, 'max_input_tokens');
    const outputTokensMax = countIn(model, 'max_tokens');
    return {
      name,
      ...(contextTokens !== undefined && { contextTokens }),
      ...(outputTokensMax !== undefined && { outputTokensMax }),
    };
  });
}
