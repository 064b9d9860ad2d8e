import { GoogleGenAI } from '@google/genai/web';
import type { Completion, StreamPart } from '../../core/completion.ts';
import { GatewayError } from '../../core/errors.ts';
import { isJsonObject } from '../../core/json/json.ts';
import type { CallContext, Provider, ProviderRequest, ProviderSettings } from '../../core/provider.ts';
import { embeds } from '../shared/embeds.ts';
import {
  completeExchange,
  type Exchange,
  type ExchangeSetup,
  runExchange,
  streamExchange,
} from '../shared/exchange.ts';
import {
  createParameterMemory,
  type RefusalWords,
  refuseSeveralChoices,
  saying,
} from '../shared/failures/refused-parameters.ts';
import { VendorErrorBody } from '../shared/failures/vendor-error-body.ts';
import { fromErrorValue, type VendorFailure } from '../shared/failures/vendor-failure.ts';
import { withShortToolNames } from '../shared/translation/short-tool-names.ts';
import { guardedFetch } from '../shared/transport/guarded-fetch.ts';
import type { Transport } from '../shared/transport/transport.ts';
import { classifyGeminiFailure } from './classify-gemini-failure.ts';
import { fromGeminiEmbeddings, toGeminiTexts } from './from-gemini-embeddings.ts';
import { fromGeminiModel } from './from-gemini-model.ts';
import { fromGeminiResponse } from './from-gemini-response.ts';
import { fromGeminiStream } from './from-gemini-stream.ts';
import { guardSse } from './guard-sse.ts';
import { toGeminiRequest } from './to-gemini-request.ts';

const API_VERSION = 'v1beta';
const DEFAULT_BASE_URL = 'https://generativelanguage.googleapis.com';
const LIST_PAGE_SIZE = 1000;

/** How its refusals name the parameters, in its field names or in plain words. */
const WORDS: RefusalWords = [
  [/\btemperature\b/i, 'temperature'],
  [/\btop_?p\b/i, 'topP'],
  [/\btop_?k\b/i, 'topK'],
  [/\bstop_?sequences\b/i, 'stop'],
  [/\bseed\b/i, 'seed'],
  // "Penalty is not enabled for models/…": whichever was sent.
  [/penalty/i, 'presencePenalty'],
  [/penalty/i, 'frequencyPenalty'],
  [/candidate/i, 'choices'],
  [/thinking/i, 'reasoningEffort'],
  [/thinking/i, 'thinking'],
];

/** Google's Gemini API, `generateContent` with an API key. */
export function createGeminiProvider(settings: ProviderSettings, transport: Transport): Provider {
  const baseUrl = (settings.baseUrl ?? DEFAULT_BASE_URL).replace(/(\/v1(beta)?)?\/*$/, '');

  const parameters = createParameterMemory('gemini', WORDS);

  const setup: ExchangeSetup = { transport, settings, classify: classifyGeminiFailure, streamFailure: fromErrorEvent };

  /**
   * Built anew for each call. The SDK's web entry: unlike the other it reads nothing from the environment,
   * where it would find keys and warn about them on each call, and loads no Google Cloud login.
   */
  function connect({ fetch, apiKey }: Pick<Exchange, 'fetch' | 'apiKey'>): GoogleGenAI {
    return new GoogleGenAI({
      vertexai: false,
      apiKey,
      apiVersion: API_VERSION,
      httpOptions: { baseUrl, fetch: refusingErrors(fetch), retryOptions: { attempts: 1 } },
    });
  }

  function prepare(asked: ProviderRequest, exchange: Exchange) {
    const { request, dropped } = parameters.sendable(asked);
    exchange.learnBy((failure) => parameters.learn(request, failure));
    return { body: toGeminiRequest(request), said: saying(dropped) };
  }

  function complete(asked: ProviderRequest, context: CallContext): Promise<Completion> {
    return completeExchange(setup, { context, model: asked.model }, async (exchange) => {
      const { body, said } = prepare(asked, exchange);
      const response = await connect(exchange).models.generateContent(body);
      return { ...fromGeminiResponse(response, asked.model.name), ...said };
    });
  }

  function stream(asked: ProviderRequest, context: CallContext): AsyncIterable<StreamPart> {
    return streamExchange(setup, { context, model: asked.model }, async function* (exchange) {
      refuseSeveralChoices(asked);
      const { body, said } = prepare(asked, exchange);
      const { models } = connect({ apiKey: exchange.apiKey, fetch: guardedFetch(exchange.fetch, guardSse) });
      const { config, ...rest } = body;
      // The SDK lets go of a stream that is left early without closing it.
      const left = new AbortController();
      try {
        const chunks = await models.generateContentStream({ ...rest, config: { ...config, abortSignal: left.signal } });
        yield* fromGeminiStream(chunks, asked.model.name, said);
      } finally {
        left.abort();
      }
    });
  }

  const embed = embeds(setup, async (input, exchange) => {
    const { dimensions } = input;
    const length = dimensions === undefined ? {} : { config: { outputDimensionality: dimensions } };
    const request = { model: input.model.name, contents: toGeminiTexts(input), ...length };
    return fromGeminiEmbeddings(await connect(exchange).models.embedContent(request), input);
  });

  function listModels(context: CallContext): Promise<readonly string[]> {
    return runExchange(setup, { context }, async (exchange) => {
      const pager = await connect(exchange).models.list({ config: { pageSize: LIST_PAGE_SIZE } });
      if (!Array.isArray(pager.page)) throw new GatewayError('malformed_response', 'its model list has no "models".');
      return pager.page.flatMap(fromGeminiModel);
    });
  }

  return withShortToolNames({ id: settings.id, kind: 'gemini', complete, stream, embed, listModels });
}

/** The SDK takes an error with status 200 for an answer with nothing in it. */
function refusingErrors(send: typeof fetch): typeof fetch {
  return async (input, init) => {
    const response = await send(input, init);
    const read = response.json.bind(response);
    const json = async () => refuseError(await read());
    // Defined, not assigned: the server's HTTP library puts a `Response` of its own in the platform's place, with a `json` nobody may overwrite.
    return Object.defineProperty(response, 'json', { value: json });
  };
}

function refuseError(body: unknown): unknown {
  const said: unknown = Array.isArray(body) ? body[0] : body;
  if (isJsonObject(said) && said.error) throw new VendorErrorBody(said);
  return body;
}

/** An error behind status 200. Its code is an HTTP status, or a number of another kind, or missing. */
function fromErrorEvent(error: Error): VendorFailure | undefined {
  if (!(error instanceof VendorErrorBody)) return undefined;
  const said = error.body.error;
  const code = isJsonObject(said) ? Number(said.code) : Number.NaN;
  return { ...fromErrorValue(error.body), ...(code >= 400 && code < 600 && { status: code }) };
}
