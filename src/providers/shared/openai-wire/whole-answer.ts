import type { Completion, StreamPart } from '../../../core/completion.ts';

/**
 * Some servers ignore `stream: true` and answer with one JSON body, in which the SDK finds no event.
 * This fetch keeps such a body and gives the SDK an empty stream in its place.
 */
export function watchForWholeAnswer(wire: typeof fetch) {
  let answer: unknown;
  const watching: typeof fetch = async (input, init) => {
    const response = await wire(input, init);
    if (!/^application\/json\b/i.test(response.headers.get('content-type') ?? '')) return response;
    const text = await response.text();
    // Events under a wrong name are events all the same.
    const isWhole = /^\s*\{/.test(text);
    if (isWhole) answer = JSON.parse(text);
    return new Response(isWhole ? '' : text, { headers: { 'content-type': 'text/event-stream' } });
  };
  return { fetch: watching, wholeAnswer: () => answer };
}

/** A whole answer as the stream it would have been. */
export function* toStreamParts({ content, usage, alternatives: _never, ...end }: Completion): Generator<StreamPart> {
  for (const part of content) {
    switch (part.type) {
      case 'text':
        yield { type: 'text-delta', text: part.text };
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
