import type { ModelInfo } from '../../core/model.ts';
import type { Provider, ProviderSettings } from '../../core/provider.ts';
import { createChatProvider } from '../shared/openai-wire/chat-provider.ts';
import type { Transport } from '../shared/transport.ts';
import { connectOpenAi } from './openai-client.ts';

const DEFAULT_BASE_URL = 'https://api.openai.com/v1';

/** OpenAI itself, over chat completions. */
export function createOpenAiProvider(settings: ProviderSettings, transport: Transport): Provider {
  const dialect = {
    kind: 'openai',
    tokenLimitFields: ['max_completion_tokens', 'max_tokens'],
    refuses: (model: ModelInfo) => (model.capabilities.includes('reasoning') ? (['temperature'] as const) : []),
    asksForUsage: true,
    endsWithDone: true,
    embeds: true,
    connect: connectOpenAi(DEFAULT_BASE_URL),
  } as const;
  return createChatProvider(dialect, settings, transport);
}
