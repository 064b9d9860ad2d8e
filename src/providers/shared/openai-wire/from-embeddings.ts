import { GatewayError } from '../../../core/errors.ts';
import type { EmbedInput, EmbedOutput } from '../../../core/provider.ts';
import { arrayIn, countIn, objectIn, textIn } from '../wire-value.ts';
import { fromChatUsage } from './chat-usage.ts';

/** Reads `POST /embeddings`, in the order of the input whatever order they come in. */
export function fromEmbeddings(body: unknown, { input, model }: EmbedInput): EmbedOutput {
  const vectors: (readonly number[] | undefined)[] = new Array(input.length).fill(undefined);
  for (const [position, item] of (arrayIn(body, 'data') ?? []).entries()) {
    const vector = arrayIn(item, 'embedding');
    if (vector?.every((value): value is number => typeof value === 'number')) {
      vectors[countIn(item, 'index') ?? position] = vector;
    }
  }
  const embeddings = vectors.filter((vector) => vector !== undefined && vector.length > 0) as (readonly number[])[];
  if (embeddings.length !== input.length || vectors.length !== input.length) {
    throw new GatewayError(
      'malformed_response',
      `it answered ${embeddings.length} embeddings for ${input.length} texts.`,
    );
  }
  return { embeddings, usage: fromChatUsage(objectIn(body, 'usage')), model: textIn(body, 'model') ?? model.name };
}
