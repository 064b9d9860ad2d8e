import { Anthropic } from '@anthropic-ai/sdk';
import type { Message, RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import type { Completion, StreamPart } from '../../core/completion.ts';
import { isJsonObject } from '../../core/json/json.ts';
import type { CallContext, Provider, ProviderRequest, ProviderSettings } from '../../core/provider.ts';
import { completeExchange, type Exchange, type ExchangeSetup, streamExchange } from '../shared/exchange.ts';
import { createParameterMemory, type RefusalWords, saying } from '../shared/failures/refused-parameters.ts';
import { fromVendorErrorBody, VendorErrorBody } from '../shared/failures/vendor-error-body.ts';
import { listsModels } from '../shared/list-models.ts';
import { rehearse } from '../shared/request-form.ts';
import { ToolCallIds } from '../shared/translation/tool-call-id.ts';
import { SseEvents } from '../shared/transport/sse-events.ts';
import type { Transport } from '../shared/transport/transport.ts';
import { NO_KEY } from '../shared/transport/wire-request.ts';
import { readStreamed, toStreamParts } from '../shared/whole-answer.ts';
import { classifyAnthropicFailure } from './classify-anthropic-failure.ts';
import { fromAnthropicMessage } from './from-anthropic-message.ts';
import { fromAnthropicStream } from './from-anthropic-stream.ts';
import { RefusedThoughts } from './refused-thoughts.ts';
import { toAnthropicRequest } from './to-anthropic-request.ts';
import { createTurnMemory } from './turn-rules.ts';

const DEFAULT_BASE_URL = 'https://api.anthropic.com';
/** Source: platform.claude.com/docs/en/api/models/list. */
const LIST_PAGE_SIZE = 1000;
/** Posted to by path: `messages.create` prints a warning to the console on each call of a deprecated model. */
const MESSAGES = '/v1/messages';

/** How its refusals name the parameters; it has no field for that. */
const WORDS: RefusalWords = [
  [/\bstop_sequences\b/, 'stop'],
  [/\beffort\b/, 'reasoningEffort'],
  [/\bthinking\b/, 'reasoningEffort'],
  [/\bthinking\b/, 'thinking'],
  [/\bdisable_parallel_tool_use\b/, 'parallelToolCalls'],
];

/** Anthropic's Messages API. The vendor has no embeddings. */
export async function createAnthropicProvider(settings: ProviderSettings, transport: Transport): Promise<Provider> {
  const baseURL = (settings.baseUrl ?? DEFAULT_BASE_URL).replace(/(\/v1)?\/*$/, '');

  const parameters = createParameterMemory('anthropic', WORDS);
  const turns = createTurnMemory();
  const thoughts = new RefusedThoughts();

  const setup: ExchangeSetup = {
    transport,
    settings,
    classify: classifyAnthropicFailure,
    streamFailure: fromVendorErrorBody,
  };
  const messagesForm = await rehearse((fetch) => clientWith(baseURL, fetch).post(MESSAGES, { body: {} }), settings);
  const listForm = await rehearse(
    (fetch) => clientWith(baseURL, fetch).models.list({ limit: LIST_PAGE_SIZE }),
    settings,
  );

  /** The body to send, and what had to be left out of it; a refusal is learnt from. */
  function prepare(asked: ProviderRequest, exchange: Exchange) {
    const { request, dropped } = parameters.sendable(thoughts.sendable(asked));
    const body = toAnthropicRequest(request, turns.rulesOf(request.model.name));
    exchange.learnBy(
      (failure) => thoughts.learn(request, failure) ?? turns.learn(body, failure) ?? parameters.learn(request, failure),
    );
    return { body, dropped };
  }

  function complete(asked: ProviderRequest, context: CallContext): Promise<Completion> {
    return completeExchange(setup, { context, model: asked.model }, async (exchange) => {
      const { body, dropped } = prepare(asked, exchange);
      const response = await exchange.send(messagesForm, { ...body, stream: false });
      const message = await response.json();
      refuseErrorBody(message);
      const ids = new ToolCallIds(asked.messages);
      const answer = fromAnthropicMessage(message as Message, body.model, ids);
      return { ...answer, ...requestIdOf(exchange), ...saying(dropped) };
    });
  }

  function stream(asked: ProviderRequest, context: CallContext): AsyncIterable<StreamPart> {
    return streamExchange(setup, { context, model: asked.model }, async function* (exchange) {
      const { body, dropped } = prepare(asked, exchange);
      const response = await exchange.send(messagesForm, { ...body, stream: true });
      const answer = await readStreamed(response);
      const about = () => ({ ...requestIdOf(exchange), ...saying(dropped) });
      const ids = new ToolCallIds(asked.messages);
      if ('whole' in answer) {
        refuseErrorBody(answer.whole);
        yield* toStreamParts({ ...fromAnthropicMessage(answer.whole as Message, body.model, ids), ...about() });
        return;
      }
      yield* fromAnthropicStream(eventsOf(answer.events), { requestedModel: body.model, about, ids });
    });
  }

  return { id: settings.id, kind: 'anthropic', complete, stream, listModels: listsModels(listForm, setup) };
}

/** The official SDK, as far as it sends, told everything: what is left out it reads from the environment. */
function clientWith(baseURL: string, fetch: typeof globalThis.fetch): Anthropic {
  return new Anthropic({
    apiKey: NO_KEY,
    authToken: null,
    webhookKey: null,
    baseURL,
    fetch,
    maxRetries: 0,
    logLevel: 'off',
    openTelemetry: false,
  });
}

function requestIdOf(exchange: Exchange): { readonly providerRequestId?: string } {
  const id = exchange.responseHeaders?.get('request-id');
  return id ? { providerRequestId: id } : {};
}

/** An error body with status 200, as some gateways before the API send: like an error event. */
function refuseErrorBody(body: unknown): void {
  if (!isJsonObject(body)) return;
  if (body.type === 'error' || body.error) throw new VendorErrorBody(body);
}

/** By their own `type`, whatever they are called: other servers of this wire may leave the names out. */
async function* eventsOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<RawMessageStreamEvent> {
  const events = new SseEvents();
  for await (const bytes of body) {
    for (const event of events.push(bytes)) if (isEvent(event)) yield event;
  }
  const last = events.end();
  if (isEvent(last)) yield last;
}

function isEvent(event: unknown): event is RawMessageStreamEvent {
  return isJsonObject(event);
}
