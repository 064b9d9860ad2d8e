import { GatewayError } from '../../core/errors.ts';
import type { Provider, ProviderRequest, ProviderSettings } from '../../core/provider.ts';
import { connectOpenAi } from '../openai/openai-client.ts';
import { createChatProvider } from '../shared/openai-wire/chat-provider.ts';
import type { Transport } from '../shared/transport/transport.ts';

/**
 * Any server that speaks OpenAI's chat completions: LM Studio, vLLM, llama.cpp, OpenRouter. It is
 * sent what the oldest of them understand; what one refuses is left out from then on.
 */
export async function createOpenAiCompatibleProvider(
  settings: ProviderSettings,
  transport: Transport,
): Promise<Provider> {
  if (settings.baseUrl === undefined) {
    throw new GatewayError(
      'config_invalid',
      `Provider ${settings.id} needs a baseUrl, such as http://127.0.0.1:1234/v1.`,
      {
        provider: settings.id,
      },
    );
  }
  const dialect = {
    kind: 'openai-compatible',
    tokenLimitFields: ['max_tokens', 'max_completion_tokens'],
    effort: ({ reasoningEffort }: ProviderRequest) => reasoningEffort,
    // Without it most servers report no usage in a stream, and the books would be guesses.
    asksForUsage: true,
    endsWithDone: false,
    connect: connectOpenAi(),
  } as const;
  return createChatProvider(dialect, settings, transport);
}
