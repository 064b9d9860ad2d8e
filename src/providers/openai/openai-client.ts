import { OpenAI } from 'openai';
import type { ChatCompletionCreateParamsBase } from 'openai/resources/chat/completions';
import { GatewayError } from '../../core/errors.ts';
import type { ProviderSettings } from '../../core/provider.ts';
import { type Exchange, SDK_TIMEOUT_MS } from '../shared/exchange.ts';
import type { ChatBody } from '../shared/openai-wire/chat-body.ts';
import type { ChatClient } from '../shared/openai-wire/chat-provider.ts';

/** Rides through the SDK with each request, to its fetch. */
type CallOptions = { readonly exchange?: Exchange };
type FetchOptions = NonNullable<OpenAI.RequestOptions['fetchOptions']>;

/**
 * The official SDK, built once for a provider: it makes some sixty objects. It knows no key and keeps
 * nothing of a call; both come with each request.
 */
export function connectOpenAi(defaultBaseUrl?: string) {
  return ({ baseUrl }: ProviderSettings) => {
    const client = new OpenAI({
      apiKey: 'no-key',
      baseURL: baseUrl ?? defaultBaseUrl ?? null,
      // Null keeps the SDK from reading these from the environment.
      adminAPIKey: null,
      organization: null,
      project: null,
      webhookSecret: null,
      fetch: fetchOfCall,
      maxRetries: 0,
      timeout: SDK_TIMEOUT_MS,
      logLevel: 'off',
    });
    return (exchange: Exchange): ChatClient => {
      const call: CallOptions = { exchange };
      const options = { headers: { authorization: `Bearer ${exchange.apiKey}` }, fetchOptions: call as FetchOptions };
      return {
        complete: (body) => client.chat.completions.create({ ...asOpenAi(body), stream: false }, options),
        stream: (body) => client.chat.completions.create({ ...asOpenAi(body), stream: true }, options).asResponse(),
        // Plain numbers: not every server knows the SDK's base64 default.
        embed: (body) => client.embeddings.create({ ...body, encoding_format: 'float' }, options),
        listModels: async () => (await client.models.list(options).asResponse()).json(),
      };
    };
  };
}

const fetchOfCall: typeof fetch = (input, init) => {
  const { exchange, ...rest } = (init ?? {}) as RequestInit & CallOptions;
  if (!exchange) throw new GatewayError('internal', 'the SDK sent a request that belongs to no call.');
  return exchange.fetch(input, rest);
};

/** The SDK's types know OpenAI's words only; the wire carries those of other servers too. */
function asOpenAi(body: ChatBody): ChatCompletionCreateParamsBase {
  return body as ChatCompletionCreateParamsBase;
}
