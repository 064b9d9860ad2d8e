import type { EmbedInput, EmbedOutput } from '../../../core/provider.ts';
import { toEmbeddingUsage } from '../translation/usage-parts.ts';
import { wholeEmbeddings } from '../translation/whole-embeddings.ts';
import { arrayIn, countIn, objectIn, textIn } from '../translation/wire-value.ts';
import { fromChatUsage } from './chat-usage.ts';

/** Reads `POST /embeddings`, in the order of the input whatever order they come in. */
export function fromEmbeddings(body: unknown, asked: EmbedInput): EmbedOutput {
  const { input, model } = asked;
  const vectors = new Map<number, readonly unknown[]>();
  for (const [position, item] of (arrayIn(body, 'data') ?? []).entries()) {
    const vector = arrayIn(item, 'embedding');
    if (vector) vectors.set(countIn(item, 'index') ?? position, vector);
  }
  const found = input.flatMap((_, index) => [vectors.get(index)].filter((vector) => vector !== undefined));
  const usage = toEmbeddingUsage(fromChatUsage(objectIn(body, 'usage')));
  const isOver = found.length === input.length && vectors.size > input.length;
  return {
    embeddings: wholeEmbeddings(isOver ? [...vectors.values()] : found, asked, usage),
    usage,
    model: textIn(body, 'model') || model.name,
  };
}
