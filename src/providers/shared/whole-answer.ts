import type { Completion, StreamPart } from '../../core/completion.ts';
import type { WireResponse } from './transport/wire-response.ts';

/**
 * What came where a stream was asked for: events, or one JSON body from a server that ignores
 * `stream: true`, or fails under the name of a stream. Each under the other's name is what it is all the same.
 */
export async function readStreamed(
  response: WireResponse,
): Promise<{ readonly whole: unknown } | { readonly events: AsyncIterable<Uint8Array> }> {
  const isNamedJson = /^application\/json\b/i.test(response.headers.get('content-type') ?? '');
  if (!isNamedJson && !(await response.beginsAsJson())) return { events: response.chunks };
  const text = await response.text();
  return /^\s*\{/.test(text) ? { whole: response.parse(text) } : { events: piece(text) };
}

async function* piece(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

/** A whole answer as the stream it would have been. */
export function* toStreamParts({ content, usage, alternatives: _never, ...end }: Completion): Generator<StreamPart> {
  const refusal = end.finishReason.unified === 'refusal' ? ({ isRefusal: true } as const) : {};
  for (const part of content) {
    switch (part.type) {
      case 'text':
        yield { type: 'text-delta', text: part.text, ...refusal };
        break;
      case 'reasoning':
        yield { ...part, type: 'reasoning-delta' };
        break;
      case 'tool-call':
        yield part;
        break;
    }
  }
  yield { type: 'usage', usage };
  yield { type: 'finish', ...end };
}
