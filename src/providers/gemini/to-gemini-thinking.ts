import type { ThinkingConfig } from '@google/genai/web';
import type { ReasoningEffort } from '../../core/parameters.ts';
import type { ProviderRequest } from '../../core/provider.ts';
import { askedEffort, budgetOfEffort } from '../shared/translation/thinking-effort.ts';
import { isBeforeGemini3 } from './to-gemini-contents.ts';

/** In tokens; the ranges of 2.5 Pro, which cannot be off, of 2.5 Flash Lite and of 2.5 Flash. */
const RANGES = [
  { models: /-pro/, least: 128, most: 32_768, canBeOff: false },
  { models: /-lite/, least: 512, most: 24_576, canBeOff: true },
  { models: /./, least: 1, most: 24_576, canBeOff: true },
] as const;

const LEVELS = {
  none: 'MINIMAL',
  minimal: 'MINIMAL',
  low: 'LOW',
  medium: 'MEDIUM',
  high: 'HIGH',
  xhigh: 'HIGH',
  max: 'HIGH',
} as const satisfies Record<ReasoningEffort, string>;

/**
 * What is asked of the thinking: a budget for Gemini 2.5, a level from Gemini 3 on, where the vendor
 * advises against budgets; both in one request are refused. Whoever asks for thinking sees the thoughts.
 * Source: ai.google.dev/gemini-api/docs/thinking.
 */
export function toGeminiThinking(request: ProviderRequest): ThinkingConfig | undefined {
  const { model, reasoningEffort, thinking } = request;
  if (!model.capabilities.includes('reasoning')) return undefined;
  const effort = askedEffort(request);
  if (effort === undefined) return thinking?.type === 'adaptive' ? { includeThoughts: true } : undefined;
  const shown = effort === 'none' ? {} : { includeThoughts: true };
  if (!isBeforeGemini3(model.name)) return { ...shown, thinkingLevel: toLevel(effort, model.name) };
  const budget =
    reasoningEffort === undefined && thinking?.type === 'enabled' ? thinking.budgetTokens : budgetOfEffort(effort);
  return { ...shown, thinkingBudget: withinRange(budget, model.name) };
}

/** The enum's values as the wire has them: the enum itself would load the SDK with the translators. */
function toLevel(effort: ReasoningEffort, modelName: string): NonNullable<ThinkingConfig['thinkingLevel']> {
  const level = LEVELS[effort];
  // Pro thinks at least a little.
  return (level === 'MINIMAL' && /-pro/.test(modelName) ? 'LOW' : level) as NonNullable<
    ThinkingConfig['thinkingLevel']
  >;
}

function withinRange(budget: number, modelName: string): number {
  const range = RANGES.find(({ models }) => models.test(modelName)) ?? RANGES[2];
  if (budget === 0 && range.canBeOff) return 0;
  return Math.min(Math.max(budget, range.least), range.most);
}
