import type { OpenAI } from 'openai';
import type { ChatCompletionCreateParamsBase } from 'openai/resources/chat/completions';
import type { ProviderSettings } from '../../core/provider.ts';
import { type Exchange, SDK_TIMEOUT_MS } from '../shared/exchange.ts';
import type { ChatBody } from '../shared/openai-wire/chat-body.ts';
import type { ChatClient } from '../shared/openai-wire/chat-provider.ts';
import { type CallOptions, LeanOpenAi } from './lean-openai.ts';

type FetchOptions = NonNullable<OpenAI.RequestOptions['fetchOptions']>;

/**
 * The official SDK, built once for a provider: it makes some sixty objects. It knows no key and keeps
 * nothing of a call; both come with each request.
 */
export function connectOpenAi(defaultBaseUrl?: string) {
  return ({ baseUrl }: ProviderSettings) => {
    const client = new LeanOpenAi({
      apiKey: 'no-key',
      baseURL: baseUrl ?? defaultBaseUrl ?? null,
      // Null keeps the SDK from reading these from the environment.
      adminAPIKey: null,
      organization: null,
      project: null,
      webhookSecret: null,
      maxRetries: 0,
      timeout: SDK_TIMEOUT_MS,
      logLevel: 'off',
    });
    return (exchange: Exchange): ChatClient => {
      const call: CallOptions = { exchange };
      const options = { fetchOptions: call as FetchOptions };
      return {
        complete: (body) => client.chat.completions.create({ ...asOpenAi(body), stream: false }, options),
        stream: (body) => client.chat.completions.create({ ...asOpenAi(body), stream: true }, options).asResponse(),
        // Plain numbers: not every server knows the SDK's base64 default.
        embed: (body) => client.embeddings.create({ ...body, encoding_format: 'float' }, options),
        // Not over the SDK's pages: they send past `request`.
        listModels: async () => (await client.get('/models', options).asResponse()).json(),
      };
    };
  };
}

/** The SDK's types know OpenAI's words only; the wire carries those of other servers too. */
function asOpenAi(body: ChatBody): ChatCompletionCreateParamsBase {
  return body as ChatCompletionCreateParamsBase;
}
