import { GatewayError } from '../../core/errors.ts';
import type { EmbedInput, EmbedOutput } from '../../core/provider.ts';
import type { Usage } from '../../core/usage.ts';

/**
 * One vector for each text, all of one length: others cannot be compared, and whoever stores them finds out late.
 * What is refused was paid for all the same: the error keeps the usage.
 */
export function wholeEmbeddings(
  vectors: EmbedOutput['embeddings'],
  { input }: EmbedInput,
  usage: Usage,
): EmbedOutput['embeddings'] {
  if (vectors.length !== input.length || vectors.some((vector) => vector.length === 0)) {
    const message = `it answered ${vectors.length} embeddings for ${input.length} texts.`;
    throw new GatewayError('malformed_response', message, { usage });
  }
  const other = vectors.find((vector) => vector.length !== vectors[0]?.length);
  if (other) {
    const message = `it answered embeddings of different lengths (${vectors[0]?.length}, ${other.length}).`;
    throw new GatewayError('malformed_response', message, { usage });
  }
  return vectors;
}
