import { GatewayError } from '../../../core/errors.ts';
import type { EmbedInput, EmbedOutput } from '../../../core/provider.ts';
import type { Usage } from '../../../core/usage.ts';

/** More than any model's vector has, and what else stands beside each. */
const VALUES_OF_VECTOR_MAX = 20_000;

/** So many values the answer to as many texts may hold. */
export function embeddingValuesMax({ input }: EmbedInput): number {
  return (input.length + 1) * VALUES_OF_VECTOR_MAX;
}

/**
 * One vector for each text, all of one length, and of that asked for, which some servers pass over: others cannot be
 * compared, and whoever stores them finds out late. What is refused was paid for all the same: the error keeps the usage.
 */
export function wholeEmbeddings(
  found: readonly unknown[],
  { input, dimensions }: EmbedInput,
  usage: Usage,
): EmbedOutput['embeddings'] {
  const vectors = found.filter(isVector);
  if (vectors.length !== input.length || vectors.length !== found.length) {
    const message = `it answered ${vectors.length} embeddings for ${input.length} texts.`;
    throw new GatewayError('malformed_response', message, { usage });
  }
  const length = vectors[0]?.length;
  const other = vectors.find((vector) => vector.length !== length);
  if (other) {
    const message = `it answered embeddings of different lengths (${length}, ${other.length}).`;
    throw new GatewayError('malformed_response', message, { usage });
  }
  if (dimensions !== undefined && length !== dimensions) {
    const message = `it takes no dimensions: its embeddings have ${length}, not ${dimensions}.`;
    const hint = 'Leave dimensions out, or name a model that takes them.';
    throw new GatewayError('capability_missing', message, { usage, param: 'dimensions', hint });
  }
  return vectors;
}

function isVector(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.length > 0 && value.every(Number.isFinite);
}
