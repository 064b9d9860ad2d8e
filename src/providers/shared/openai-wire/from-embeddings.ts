import { GatewayError } from '../../../core/errors.ts';
import type { EmbedInput, EmbedOutput } from '../../../core/provider.ts';
import { arrayIn, countIn, objectIn, textIn } from '../wire-value.ts';
import { fromChatUsage } from './chat-usage.ts';

/** Reads `POST /embeddings`, in the order of the input whatever order they come in. */
export function fromEmbeddings(body: unknown, { input, model }: EmbedInput): EmbedOutput {
  const vectors = new Map<number, readonly number[]>();
  for (const [position, item] of (arrayIn(body, 'data') ?? []).entries()) {
    const vector = arrayIn(item, 'embedding');
    if (vector?.length && vector.every((value): value is number => typeof value === 'number')) {
      vectors.set(countIn(item, 'index') ?? position, vector);
    }
  }
  const embeddings = input.flatMap((_, index) => [vectors.get(index)].filter((vector) => vector !== undefined));
  if (embeddings.length !== input.length || vectors.size !== input.length) {
    const count = embeddings.length < input.length ? embeddings.length : vectors.size;
    throw new GatewayError('malformed_response', `it answered ${count} embeddings for ${input.length} texts.`);
  }
  const usage = fromChatUsage(objectIn(body, 'usage'));
  return {
    embeddings,
    // No tokens come out, so nothing is missing where none are reported.
    usage: usage.source === 'partial' ? { ...usage, source: 'reported' } : usage,
    model: textIn(body, 'model') ?? model.name,
  };
}
