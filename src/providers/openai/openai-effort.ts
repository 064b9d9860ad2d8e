import type { ModelInfo } from '../../core/model.ts';
import { gptAlwaysReasons } from '../../core/parameter-support.ts';
import type { ReasoningEffort } from '../../core/parameters.ts';
import type { ProviderRequest } from '../../core/provider.ts';
import { askedEffort } from '../shared/translation/thinking-effort.ts';

/**
 * What is asked of the reasoning, in OpenAI's words. A level that was named is sent as it is, and a model
 * without it says so. Thinking that is merely off becomes the least the model can do.
 * Source: developers.openai.com/api/docs/guides/reasoning.
 */
export function openAiEffort(request: ProviderRequest): ReasoningEffort | undefined {
  const { model, reasoningEffort } = request;
  if (!model.capabilities.includes('reasoning')) return undefined;
  const asked = askedEffort(request);
  return asked === 'none' && reasoningEffort === undefined ? leastEffort(model) : asked;
}

function leastEffort(model: ModelInfo): ReasoningEffort {
  if (/^gpt-(?:5\.\d|[6-9])/.test(model.name)) return gptAlwaysReasons(model) ? 'low' : 'none';
  return /^o\d/.test(model.name) ? 'low' : 'minimal';
}
