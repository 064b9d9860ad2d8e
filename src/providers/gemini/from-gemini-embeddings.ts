import type { Content, EmbedContentResponse } from '@google/genai/web';
import type { EmbedInput, EmbedOutput } from '../../core/provider.ts';
import type { Usage } from '../../core/usage.ts';
import { textsOf } from '../shared/embeds.ts';
import { toEmbeddingUsage } from '../shared/translation/usage-parts.ts';
import { wholeEmbeddings } from '../shared/translation/whole-embeddings.ts';
import { fromGeminiUsage } from './gemini-usage.ts';

const BYTES_PER_TOKEN = 4;

/** One content a text: given plain texts, the SDK makes one content, and so one vector, of them all. */
export function toGeminiTexts(asked: EmbedInput): Content[] {
  return textsOf(asked).map((text) => ({ role: 'user', parts: [{ text }] }));
}

/** Reads `batchEmbedContents`. Models that report no tokens are estimated by the length of the input. */
export function fromGeminiEmbeddings(response: EmbedContentResponse, asked: EmbedInput): EmbedOutput {
  const usage = usageOf(response, asked);
  const vectors = (response.embeddings ?? []).map((embedding) => embedding.values);
  return { embeddings: wholeEmbeddings(vectors, asked, usage), usage, model: asked.model.name };
}

function usageOf(response: EmbedContentResponse, asked: EmbedInput): Usage {
  const reported = toEmbeddingUsage(fromGeminiUsage(response.usageMetadata));
  if (reported.source !== 'none') return reported;
  const bytes = textsOf(asked).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return { ...reported, inputTokens: Math.ceil(bytes / BYTES_PER_TOKEN), source: 'estimated' };
}
