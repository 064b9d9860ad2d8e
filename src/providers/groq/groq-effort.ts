import type { ModelInfo } from '../../core/model.ts';
import type { ReasoningEffort } from '../../core/parameters.ts';
import type { ProviderRequest } from '../../core/provider.ts';
import type { ChatEffort } from '../shared/openai-wire/chat-body.ts';
import { askedEffort } from '../shared/translation/thinking-effort.ts';

const THREE_LEVELS: Readonly<Record<ReasoningEffort, 'low' | 'medium' | 'high'>> = {
  // GPT-OSS always reasons; this is the least.
  none: 'low',
  minimal: 'low',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'high',
  max: 'high',
};

/**
 * What is asked of the reasoning, in Groq's words: three levels, none beside them for Qwen 3.8, and on
 * or off for the Qwens before it. Source: console.groq.com/docs/reasoning.
 */
export function groqEffort(request: ProviderRequest): ChatEffort | undefined {
  const { model } = request;
  const asked = askedEffort(request);
  if (asked === undefined || !model.capabilities.includes('reasoning')) return undefined;
  if (!/qwen3/.test(model.name)) return THREE_LEVELS[asked];
  if (asked === 'none') return 'none';
  return /qwen3\.8/.test(model.name) ? THREE_LEVELS[asked] : 'default';
}

/**
 * Unless it is told another format, such a model's thoughts stand before its answer, between `<think>` tags. GPT-OSS takes
 * no format, and keeps them apart by itself. Source: console.groq.com/docs/reasoning.
 */
export function writesThinkTags({ name, capabilities }: ModelInfo): boolean {
  return capabilities.includes('reasoning') && !/gpt-oss/.test(name);
}
