import type { EmbedResponse } from 'ollama';
import type { EmbedInput, EmbedOutput } from '../../core/provider.ts';
import { wholeEmbeddings } from '../shared/translation/whole-embeddings.ts';
import { textIn } from '../shared/translation/wire-value.ts';
import { fromOllamaUsage } from './ollama-usage.ts';

/** Reads `/api/embed`, whose vectors come in the order of the input. */
export function fromOllamaEmbeddings(response: EmbedResponse, asked: EmbedInput): EmbedOutput {
  const usage = fromOllamaUsage(response);
  const vectors = Array.isArray(response?.embeddings) ? response.embeddings : [];
  return {
    embeddings: wholeEmbeddings(vectors, asked, usage),
    usage,
    model: textIn(response, 'model') || asked.model.name,
  };
}
