import type { Model } from '@google/genai/web';
import { textIn } from '../shared/translation/wire-value.ts';

const USABLE_ACTIONS: ReadonlySet<string> = new Set(['generateContent', 'embedContent']);

/** The name of an entry of the model list, unless it is for something else (video, live audio). */
export function fromGeminiModel(model: Model): readonly string[] {
  const { supportedActions } = model;
  const name = textIn(model, 'name');
  if (!name || (supportedActions && !supportedActions.some((action) => USABLE_ACTIONS.has(action)))) return [];
  return [name.replace(/^models\//, '')];
}
