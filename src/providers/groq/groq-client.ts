import { Groq } from 'groq-sdk';
import type { ChatCompletionCreateParamsBase } from 'groq-sdk/resources/chat/completions';
import type { ProviderSettings } from '../../core/provider.ts';
import { type Exchange, SDK_TIMEOUT_MS } from '../shared/exchange.ts';
import type { ChatBody } from '../shared/openai-wire/chat-body.ts';
import type { ChatClient } from '../shared/openai-wire/chat-provider.ts';

const DEFAULT_BASE_URL = 'https://api.groq.com';

/** The official SDK, built anew for each call: it then holds nothing of another one. */
export function connectGroq({ baseUrl }: ProviderSettings): (exchange: Exchange) => ChatClient {
  // The SDK adds this path itself; people copy the address with it from Groq's documentation.
  const baseURL = (baseUrl ?? DEFAULT_BASE_URL).replace(/\/openai\/v1\/?$/, '');
  return (exchange) => clientFor(exchange, baseURL);
}

function clientFor({ fetch, apiKey }: Exchange, baseURL: string): ChatClient {
  const client = new Groq({
    apiKey,
    baseURL,
    fetch,
    maxRetries: 0,
    timeout: SDK_TIMEOUT_MS,
    logLevel: 'off',
  });
  return {
    complete: (body) => client.chat.completions.create({ ...asGroq(body), stream: false }),
    stream: (body) => client.chat.completions.create({ ...asGroq(body), stream: true }).asResponse(),
    listModels: async () => (await client.models.list().asResponse()).json(),
  };
}

/** One type serves all speakers of this wire; what only OpenAI knows is never made for Groq. */
function asGroq(body: ChatBody): ChatCompletionCreateParamsBase {
  return body as ChatCompletionCreateParamsBase;
}
