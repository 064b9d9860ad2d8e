import type { Completion } from '../core/completion.ts';
import type { AnswerPart, GatewayAnswer, GatewayStream } from './gateway.ts';

type ContentPart = Exclude<AnswerPart, { type: 'end' | 'error' }>;

/** A whole answer as the parts of a stream: each piece of its first choice at once, then its usage. */
export function replayedParts({ content, finishReason, usage }: Completion): readonly ContentPart[] {
  const parts: ContentPart[] = [];
  const refusal = finishReason.unified === 'refusal' ? ({ isRefusal: true } as const) : {};
  for (const part of content) {
    switch (part.type) {
      case 'text':
        parts.push({ type: 'text-delta', text: part.text, ...refusal });
        break;
      case 'reasoning':
        parts.push({ ...part, type: 'reasoning-delta' });
        break;
      case 'tool-call':
        parts.push(part);
        break;
    }
  }
  parts.push({ type: 'usage', usage });
  return parts;
}

/** An answer that is there already, as a stream. */
export function replayStream(answer: GatewayAnswer): GatewayStream {
  const { requestId, model, plan, cache, droppedParameters } = answer;
  return { requestId, model, plan, cache, attemptsCount: 0, droppedParameters, parts: replay(answer) };
}

async function* replay(answer: GatewayAnswer): AsyncGenerator<AnswerPart> {
  yield* replayedParts(answer.completion);
  yield { type: 'end', answer };
}
