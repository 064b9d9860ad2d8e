import { meaningOf } from '../../core/collections/meaning-of.ts';
import type { FinishReason, FinishReasonUnified } from '../../core/completion.ts';

const UNIFIED: Readonly<Record<string, FinishReasonUnified>> = { stop: 'stop', length: 'length' };

/** Ollama says `stop` for tool calls too; servers before 0.2 give no reason with `done: true`. */
export function mapOllamaFinishReason(doneReason: string | undefined, hasToolCalls: boolean): FinishReason {
  const raw = doneReason ?? 'done';
  const unified = raw === 'done' ? 'stop' : (meaningOf(raw, UNIFIED) ?? 'other');
  return { unified: unified === 'stop' && hasToolCalls ? 'tool_calls' : unified, raw };
}
