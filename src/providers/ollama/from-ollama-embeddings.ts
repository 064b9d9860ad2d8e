import type { EmbedResponse } from 'ollama';
import { GatewayError } from '../../core/errors.ts';
import type { EmbedInput, EmbedOutput } from '../../core/provider.ts';
import { fromOllamaUsage } from './ollama-usage.ts';

/** Reads `/api/embed`, whose vectors come in the order of the input. */
export function fromOllamaEmbeddings(response: EmbedResponse, { input, model }: EmbedInput): EmbedOutput {
  const embeddings = Array.isArray(response?.embeddings) ? response.embeddings : [];
  if (embeddings.length !== input.length || embeddings.some((vector) => vector.length === 0)) {
    throw new GatewayError(
      'malformed_response',
      `it answered ${embeddings.length} embeddings for ${input.length} texts.`,
    );
  }
  return { embeddings, usage: fromOllamaUsage(response), model: response.model ?? model.name };
}
