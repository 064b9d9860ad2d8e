import type { Model } from '@google/genai/web';
import type { ListedModel } from '../../core/provider.ts';

const USABLE_ACTIONS: ReadonlySet<string> = new Set(['generateContent', 'embedContent']);

/** An entry of the model list, unless it is for something else (video, live audio). */
export function fromGeminiModel(model: Model): readonly ListedModel[] {
  const { name, supportedActions, inputTokenLimit, outputTokenLimit } = model;
  if (!name || (supportedActions && !supportedActions.some((action) => USABLE_ACTIONS.has(action)))) return [];
  return [
    {
      name: name.replace(/^models\//, ''),
      ...(inputTokenLimit !== undefined && { contextTokens: inputTokenLimit }),
      ...(outputTokenLimit !== undefined && { outputTokensMax: outputTokenLimit }),
    },
  ];
}
