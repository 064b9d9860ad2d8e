import type { Model } from '@google/genai/web';
import type { ListedModel } from '../../core/provider.ts';
import { countIn, textIn } from '../shared/translation/wire-value.ts';

const USABLE_ACTIONS: ReadonlySet<string> = new Set(['generateContent', 'embedContent']);

/** An entry of the model list, unless it is for something else (video, live audio). */
export function fromGeminiModel(model: Model): readonly ListedModel[] {
  const { supportedActions } = model;
  const name = textIn(model, 'name');
  const [contextTokens, outputTokensMax] = [countIn(model, 'inputTokenLimit'), countIn(model, 'outputTokenLimit')];
  if (!name || (supportedActions && !supportedActions.some((action) => USABLE_ACTIONS.has(action)))) return [];
  return [
    {
      name: name.replace(/^models\//, ''),
      ...(contextTokens !== undefined && { contextTokens }),
      ...(outputTokensMax !== undefined && { outputTokensMax }),
    },
  ];
}
