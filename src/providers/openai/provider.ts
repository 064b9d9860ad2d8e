import type { ModelInfo } from '../../core/model.ts';
import type { Provider, ProviderSettings } from '../../core/provider.ts';
import { createChatProvider } from '../shared/openai-wire/chat-provider.ts';
import type { Transport } from '../shared/transport.ts';
import { connectOpenAi } from './openai-client.ts';
import { openAiEffort } from './openai-effort.ts';

const DEFAULT_BASE_URL = 'https://api.openai.com/v1';

/**
 * From GPT-5.6 on, Chat Completions answers 400 to tools unless the reasoning effort is `none`.
 * Source: developers.openai.com/api/docs, the model pages.
 */
const TOOLS_WITHOUT_REASONING = /^gpt-(?:5\.(?:[6-9]|\d\d)|[6-9])/;

/** OpenAI itself, over chat completions. */
export function createOpenAiProvider(settings: ProviderSettings, transport: Transport): Promise<Provider> {
  const dialect = {
    kind: 'openai',
    tokenLimitFields: ['max_completion_tokens', 'max_tokens'],
    effort: openAiEffort,
    toolsWithoutReasoning: (model: ModelInfo) => TOOLS_WITHOUT_REASONING.test(model.name),
    asksForUsage: true,
    endsWithDone: true,
    connect: connectOpenAi(DEFAULT_BASE_URL),
  } as const;
  return createChatProvider(dialect, settings, transport);
}
