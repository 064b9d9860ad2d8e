import { Ollama } from 'ollama';
import type { Completion, StreamPart } from '../../core/completion.ts';
import { GatewayError } from '../../core/errors.ts';
import type { CallContext, Provider, ProviderRequest, ProviderSettings } from '../../core/provider.ts';
import type { Usage } from '../../core/usage.ts';
import { embeds, textsOf } from '../shared/embeds.ts';
import {
  completeExchange,
  type Exchange,
  type ExchangeSetup,
  runExchange,
  streamExchange,
} from '../shared/exchange.ts';
import { createParameterMemory, type RefusalWords, saying } from '../shared/failures/refused-parameters.ts';
import { fromVendorErrorBody } from '../shared/failures/vendor-error-body.ts';
import { textIn } from '../shared/translation/wire-value.ts';
import { guardedFetch } from '../shared/transport/guarded-fetch.ts';
import type { Transport } from '../shared/transport/transport.ts';
import { classifyOllamaFailure } from './classify-ollama-failure.ts';
import { fromOllamaEmbeddings } from './from-ollama-embeddings.ts';
import { fromOllamaResponse } from './from-ollama-response.ts';
import { fromOllamaStream } from './from-ollama-stream.ts';
import { guardNdjson, refuseErrorBody } from './guard-ndjson.ts';
import { promptBounds, refuseTruncatedPrompt } from './ollama-context.ts';
import { toOllamaRequest } from './to-ollama-request.ts';

const DEFAULT_BASE_URL = 'http://127.0.0.1:11434';

/** How its refusals name the parameters: `"llama3.2" does not support thinking`. */
const WORDS: RefusalWords = [
  [/\bthink(ing)?\b/, 'reasoningEffort'],
  [/\bthink(ing)?\b/, 'thinking'],
];

/** An Ollama server, over its own API. */
export function createOllamaProvider(settings: ProviderSettings, transport: Transport): Provider {
  const host = (settings.baseUrl ?? DEFAULT_BASE_URL).replace(/(\/(api|v1))?\/*$/, '');
  const parameters = createParameterMemory('ollama', WORDS);
  const setup: ExchangeSetup = {
    transport,
    settings,
    classify: (failure, model) => classifyOllamaFailure(failure, model?.name),
    streamFailure: fromVendorErrorBody,
  };

  /** The SDK takes no signal and no key; both ride in the fetch and the headers of this call's client. */
  function connect({ fetch }: Pick<Exchange, 'fetch'>, { apiKey }: CallContext): Ollama {
    return new Ollama({ host, fetch, ...(apiKey !== undefined && { headers: { Authorization: `Bearer ${apiKey}` } }) });
  }

  function prepare(asked: ProviderRequest, exchange: Exchange) {
    const { request, dropped } = parameters.sendable(asked);
    exchange.learnBy((failure) => parameters.learn(request, failure));
    const bounds = promptBounds(request);
    const body = toOllamaRequest(request, bounds);
    const check = (usage: Usage) => refuseTruncatedPrompt(usage, body.options.num_ctx, bounds);
    return { body, check, said: saying(dropped) };
  }

  function complete(asked: ProviderRequest, context: CallContext): Promise<Completion> {
    return completeExchange(setup, { context, model: asked.model }, async (exchange) => {
      const { body, check, said } = prepare(asked, exchange);
      const answer = await connect(exchange, context).chat({ ...body, stream: false });
      refuseErrorBody(answer);
      const completion = fromOllamaResponse(answer, body.model);
      check(completion.usage);
      return { ...completion, ...said };
    });
  }

  function stream(asked: ProviderRequest, context: CallContext): AsyncIterable<StreamPart> {
    return streamExchange(setup, { context, model: asked.model }, async function* (exchange) {
      const { body, check, said } = prepare(asked, exchange);
      const guarded = { fetch: guardedFetch(exchange.fetch, guardNdjson) };
      const chunks = await connect(guarded, context).chat({ ...body, stream: true });
      try {
        yield* fromOllamaStream(chunks, { requestedModel: body.model, checkUsage: check }, said);
      } finally {
        // The SDK lets go of a stream that is left early without closing it.
        chunks.abort();
      }
    });
  }

  const embed = embeds(setup, async (input, exchange, context) => {
    const { dimensions } = input;
    const length = dimensions === undefined ? {} : { dimensions };
    const body = { model: input.model.name, input: textsOf(input), truncate: false, ...length };
    const answer = await connect(exchange, context).embed(body);
    refuseErrorBody(answer);
    return fromOllamaEmbeddings(answer, input);
  });

  function listModels(context: CallContext): Promise<readonly string[]> {
    return runExchange(setup, { context }, async (exchange) => {
      const { models } = await connect(exchange, context).list();
      if (!Array.isArray(models)) throw new GatewayError('malformed_response', 'its model list has no "models".');
      return models.flatMap((model) => textIn(model, 'name') || []);
    });
  }

  return { id: settings.id, kind: 'ollama', complete, stream, embed, listModels };
}
