import { NO_USAGE, type Usage } from '../../core/usage.ts';
import { countIn } from '../shared/wire-value.ts';

/** Ollama counts the whole prompt, cached or not, and thinking as output without saying how much. */
export function fromOllamaUsage(wire: unknown): Usage {
  const inputTokens = countIn(wire, 'prompt_eval_count');
  const outputTokens = countIn(wire, 'eval_count');
  if (inputTokens === undefined && outputTokens === undefined) return NO_USAGE;
  return { ...NO_USAGE, inputTokens: inputTokens ?? 0, outputTokens: outputTokens ?? 0, source: 'reported' };
}
