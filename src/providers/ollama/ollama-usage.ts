import { NO_USAGE, type Usage } from '../../core/usage.ts';
import { countIn } from '../shared/translation/wire-value.ts';

/**
 * Ollama counts the whole prompt, cached or not, and thinking as output without saying how much. Older versions leave
 * the count of a prompt out that they had in memory; a count of zero is always left out. Source: docs/api.md of Ollama.
 */
export function fromOllamaUsage(wire: unknown): Usage {
  const inputTokens = countIn(wire, 'prompt_eval_count');
  const outputTokens = countIn(wire, 'eval_count');
  if (inputTokens === undefined && outputTokens === undefined) return NO_USAGE;
  const source = inputTokens === undefined ? 'partial' : 'reported';
  return { ...NO_USAGE, inputTokens: inputTokens ?? 0, outputTokens: outputTokens ?? 0, source };
}
