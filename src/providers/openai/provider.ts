import { takesToolsUnreasoning } from '../../core/parameter-support.ts';
import type { Provider, ProviderSettings } from '../../core/provider.ts';
import { createChatProvider } from '../shared/openai-wire/chat-provider.ts';
import type { Transport } from '../shared/transport/transport.ts';
import { connectOpenAi } from './openai-client.ts';
import { openAiEffort } from './openai-effort.ts';

const DEFAULT_BASE_URL = 'https://api.openai.com/v1';

/** OpenAI itself, over chat completions. */
export function createOpenAiProvider(settings: ProviderSettings, transport: Transport): Promise<Provider> {
  const dialect = {
    kind: 'openai',
    tokenLimitFields: ['max_completion_tokens', 'max_tokens'],
    effort: openAiEffort,
    toolsWithoutReasoning: takesToolsUnreasoning,
    asksForUsage: true,
    endsWithDone: true,
    connect: connectOpenAi(DEFAULT_BASE_URL),
  } as const;
  return createChatProvider(dialect, settings, transport);
}
