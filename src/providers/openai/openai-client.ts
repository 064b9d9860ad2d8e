import { OpenAI } from 'openai';
import type { ChatCompletionCreateParamsBase } from 'openai/resources/chat/completions';
import type { ProviderSettings } from '../../core/provider.ts';
import { type Exchange, SDK_TIMEOUT_MS } from '../shared/exchange.ts';
import type { ChatBody } from '../shared/openai-wire/chat-body.ts';
import type { ChatClient } from '../shared/openai-wire/chat-provider.ts';

/** The official SDK, built anew for each call: it then holds nothing of another one. */
export function connectOpenAi(defaultBaseUrl?: string) {
  return ({ fetch, apiKey }: Exchange, { baseUrl }: ProviderSettings): ChatClient => {
    const client = new OpenAI({
      apiKey,
      baseURL: baseUrl ?? defaultBaseUrl ?? null,
      // Null keeps the SDK from reading these from the environment.
      adminAPIKey: null,
      organization: null,
      project: null,
      webhookSecret: null,
      fetch,
      maxRetries: 0,
      timeout: SDK_TIMEOUT_MS,
      logLevel: 'off',
    });
    return {
      complete: (body) => client.chat.completions.create({ ...asOpenAi(body), stream: false }),
      stream: (body) => client.chat.completions.create({ ...asOpenAi(body), stream: true }).asResponse(),
      // Plain numbers: not every server knows the SDK's base64 default.
      embed: (body) => client.embeddings.create({ ...body, encoding_format: 'float' }),
      listModels: async () => (await client.models.list().asResponse()).json(),
    };
  };
}

/** The SDK's types know OpenAI's words only; the wire carries those of other servers too. */
function asOpenAi(body: ChatBody): ChatCompletionCreateParamsBase {
  return body as ChatCompletionCreateParamsBase;
}
