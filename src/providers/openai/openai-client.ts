import { OpenAI } from 'openai';
import type { ProviderSettings } from '../../core/provider.ts';
import type { ChatSdk } from '../shared/openai-wire/chat-provider.ts';
import { NO_KEY } from '../shared/transport/wire-request.ts';

/** The official SDK, as far as it sends. It knows no key and nothing of a call. */
export function connectOpenAi(defaultBaseUrl?: string) {
  return ({ baseUrl }: ProviderSettings): ChatSdk => {
    const clientWith = (fetch: typeof globalThis.fetch) =>
      new OpenAI({
        apiKey: NO_KEY,
        baseURL: baseUrl ?? defaultBaseUrl ?? null,
        // Null keeps the SDK from reading these from the environment.
        adminAPIKey: null,
        organization: null,
        project: null,
        webhookSecret: null,
        fetch,
        maxRetries: 0,
        logLevel: 'off',
      });
    return {
      complete: (fetch) => clientWith(fetch).chat.completions.create({ model: '', messages: [] }),
      embed: (fetch) => clientWith(fetch).embeddings.create({ model: '', input: [], encoding_format: 'float' }),
      // Not by way of the SDK's pages: making one takes V8's short cut from all promises of this process.
      listModels: (fetch) => clientWith(fetch).get('/models'),
    };
  };
}
