import type { ChatResponse } from 'ollama';
import type { Completion, StreamPart } from '../../core/completion.ts';
import type { Usage } from '../../core/usage.ts';
import { textIn } from '../shared/translation/wire-value.ts';
import { fromOllamaToolCall } from './from-ollama-response.ts';
import { mapOllamaFinishReason } from './map-ollama-finish-reason.ts';
import { fromOllamaUsage } from './ollama-usage.ts';

export type OllamaStreamOptions = {
  readonly requestedModel: string;
  /** Sees the final counts, and throws when they show that the prompt was cut. */
  readonly checkUsage: (usage: Usage) => void;
};

/** Translates chunks into parts; `finish` comes with the chunk that says `done: true`. */
export async function* fromOllamaStream(
  chunks: AsyncIterable<ChatResponse>,
  { requestedModel, checkUsage }: OllamaStreamOptions,
  about: Pick<Completion, 'droppedParameters'> = {},
): AsyncGenerator<StreamPart, void, undefined> {
  let hasToolCalls = false;
  for await (const chunk of chunks) {
    const [thinking, content] = [textIn(chunk.message, 'thinking'), textIn(chunk.message, 'content')];
    if (thinking) yield { type: 'reasoning-delta', text: thinking };
    if (content) yield { type: 'text-delta', text: content };
    for (const call of chunk.message?.tool_calls ?? []) {
      hasToolCalls = true;
      yield fromOllamaToolCall(call);
    }
    if (chunk.done !== true) continue;
    const usage = fromOllamaUsage(chunk);
    yield { type: 'usage', usage };
    checkUsage(usage);
    yield {
      type: 'finish',
      finishReason: mapOllamaFinishReason(textIn(chunk, 'done_reason'), hasToolCalls),
      model: textIn(chunk, 'model') || requestedModel,
      ...about,
    };
    return;
  }
}
