import type { Content, EmbedContentResponse } from '@google/genai/web';
import { GatewayError } from '../../core/errors.ts';
import type { EmbedInput, EmbedOutput } from '../../core/provider.ts';
import { fromGeminiUsage } from './gemini-usage.ts';

const BYTES_PER_TOKEN = 4;

/** One content a text: given plain texts, the SDK makes one content, and so one vector, of them all. */
export function toGeminiTexts(input: readonly string[]): Content[] {
  return input.map((text) => ({ role: 'user', parts: [{ text }] }));
}

/** Reads `batchEmbedContents`. Models that report no tokens are estimated by the length of the input. */
export function fromGeminiEmbeddings(response: EmbedContentResponse, { input, model }: EmbedInput): EmbedOutput {
  const embeddings = (response.embeddings ?? []).map((embedding) => embedding.values ?? []);
  if (embeddings.length !== input.length || embeddings.some((vector) => vector.length === 0)) {
    throw new GatewayError(
      'malformed_response',
      `it answered ${embeddings.length} embeddings for ${input.length} texts.`,
    );
  }
  const reported = fromGeminiUsage(response.usageMetadata, 'reported');
  // No tokens come out, so nothing is missing where none are reported.
  if (reported.source !== 'none') return { embeddings, usage: { ...reported, source: 'reported' }, model: model.name };
  const bytes = input.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  const usage = { ...reported, inputTokens: Math.ceil(bytes / BYTES_PER_TOKEN), source: 'estimated' } as const;
  return { embeddings, usage, model: model.name };
}
