import { GatewayError } from '../../../core/errors.ts';
import type { ListedModel } from '../../../core/provider.ts';
import { arrayIn, countIn, textIn } from '../wire-value.ts';

/** Window and output limit under the names Groq, vLLM, OpenRouter and Mistral give them. */
const CONTEXT_FIELDS = ['context_window', 'max_model_len', 'context_length', 'max_context_length'];
const OUTPUT_FIELDS = ['max_completion_tokens', 'max_output_tokens'];

/** Reads `GET /models`. */
export function fromModelList(body: unknown): readonly ListedModel[] {
  const data = arrayIn(body, 'data');
  if (!data) throw new GatewayError('malformed_response', 'its model list has no "data".');
  return data.flatMap((model) => {
    const name = textIn(model, 'id');
    if (!name) return [];
    const contextTokens = firstCount(model, CONTEXT_FIELDS);
    const outputTokensMax = firstCount(model, OUTPUT_FIELDS);
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
