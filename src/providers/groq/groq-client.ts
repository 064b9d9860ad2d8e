import { Groq } from 'groq-sdk';
import type { ProviderSettings } from '../../core/provider.ts';
import type { ChatSdk } from '../shared/openai-wire/chat-provider.ts';
import { NO_KEY } from '../shared/transport/wire-request.ts';

const DEFAULT_BASE_URL = 'https://api.groq.com';

/** The official SDK, as far as it sends. It knows no key and nothing of a call. */
export function connectGroq({ baseUrl }: ProviderSettings): ChatSdk {
  // The SDK adds this path itself; people copy the address with it from Groq's documentation.
  const baseURL = (baseUrl ?? DEFAULT_BASE_URL).replace(/\/openai\/v1\/?$/, '');
  const clientWith = (fetch: typeof globalThis.fetch) =>
    new Groq({ apiKey: NO_KEY, baseURL, fetch, maxRetries: 0, logLevel: 'off' });
  return {
    complete: (fetch) => clientWith(fetch).chat.completions.create({ model: '', messages: [] }),
    listModels: (fetch) => clientWith(fetch).models.list(),
  };
}
