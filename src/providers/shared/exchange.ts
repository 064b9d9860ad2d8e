import type { Completion, StreamPart } from '../../core/completion.ts';
import { GatewayError } from '../../core/errors.ts';
import type { ModelInfo } from '../../core/model.ts';
import type { CallContext, ProviderSettings } from '../../core/provider.ts';
import { spellingsOfSecret } from '../../core/secret-mask.ts';
import { AnswerMask } from './answer-mask.ts';
import { type ErrorReading, readFailure, secretsOf } from './failures/failure-reader.ts';
import type { FailureClassifier } from './failures/vendor-failure.ts';
import { type RequestForm, toWireRequest } from './request-form.ts';
import { TOOL_CALLS_MAX, tooManyToolCalls } from './translation/tool-calls-max.ts';
import type { Transport } from './transport/transport.ts';
import { addressOf, methodOf, NO_KEY, outgoingHeaders } from './transport/wire-request.ts';
import type { WireResponse } from './transport/wire-response.ts';
import type { WireWatch } from './transport/wire-watch.ts';

/** What all exchanges with one provider have in common. */
export type ExchangeSetup = { readonly transport: Transport; readonly settings: ProviderSettings } & ErrorReading;

/** What only one of them is about. */
export type ExchangeCall = {
  readonly context: CallContext;
  /** Absent when the call is about no model: the model list. */
  readonly model?: ModelInfo;
  /** Of its answer; absent: as many as any other JSON. */
  readonly jsonValuesMax?: number;
};

type PartSource = AsyncIterable<StreamPart> | Iterable<StreamPart>;

/** One call to one vendor: how it is sent, and what was seen of the answer. */
export class Exchange implements WireWatch {
  readonly #setup: ExchangeSetup;
  readonly #call: ExchangeCall;
  #learn: FailureClassifier | undefined;
  #responseHeaders: Headers | undefined;
  #lastByte: number | undefined;
  #isSent = false;
  #isEnded = false;

  constructor(setup: ExchangeSetup, call: ExchangeCall) {
    this.#setup = setup;
    this.#call = call;
  }

  /** A placeholder when the provider has no key; nothing of it is sent then. */
  get apiKey(): string {
    return this.#call.context.apiKey ?? NO_KEY;
  }

  get needsNewConnection(): boolean | undefined {
    return this.#call.context.needsNewConnection;
  }

  get jsonValuesMax(): number | undefined {
    return this.#call.jsonValuesMax;
  }

  /** Of the answer, once they have come. */
  get responseHeaders(): Headers | undefined {
    return this.#responseHeaders;
  }

  /** Throws `HttpFailure` for an answer outside 2xx, `GatewayError` for what fails below HTTP. */
  send(form: RequestForm, body?: object): Promise<WireResponse> {
    const { context } = this.#call;
    return this.#setup.transport.send(toWireRequest(form, context.apiKey, body), [context.signal], this);
  }

  /** The same for an SDK that sends by itself. It follows no redirect. */
  get fetch(): typeof fetch {
    return async (input, init = {}) => {
      const { transport, settings } = this.#setup;
      const { context } = this.#call;
      const { body, signal } = init;
      if (body !== undefined && body !== null && typeof body !== 'string') {
        throw new GatewayError('internal', 'A provider sent a body that is not text.');
      }
      const request = {
        address: addressOf(input instanceof Request ? input.url : String(input)),
        method: methodOf(init),
        headers: outgoingHeaders(init.headers, settings.headers, context.apiKey),
        body: body ?? null,
      };
      const response = await transport.send(request, signal ? [context.signal, signal] : [context.signal], this);
      return response.asPlatform();
    };
  }

  /** Asked before the provider's own reading what a failure means; it knows what is sent. */
  learnBy(learn: FailureClassifier): void {
    this.#learn = learn;
  }

  /** Whatever was thrown, as a `GatewayError` that names the provider. */
  failure(error: unknown, streaming: boolean): GatewayError {
    const endsInsideLine = this.#isEnded && this.#lastByte !== LINE_FEED && this.#lastByte !== CARRIAGE_RETURN;
    const isCut = streaming && endsInsideLine;
    const options = { ...this.#setup, ...this.#call, learn: this.#learn };
    return readFailure(error, options, { isSent: this.#isSent, isCut });
  }

  onSent(): void {
    this.#isSent = true;
    this.#call.context.onSent?.();
  }

  onActivity(): void {
    this.#call.context.onActivity?.();
  }

  onHeaders(headers: Headers): void {
    this.#responseHeaders = headers;
  }

  onBytes(chunk: Uint8Array): void {
    this.#lastByte = chunk.at(-1) ?? this.#lastByte;
  }

  onEnd(): void {
    this.#isEnded = true;
  }
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Runs one whole call. Whatever is thrown inside leaves as a `GatewayError` that names the provider. */
export async function runExchange<Result>(
  setup: ExchangeSetup,
  call: ExchangeCall,
  work: (exchange: Exchange) => Promise<Result>,
): Promise<Result> {
  const exchange = new Exchange(setup, call);
  try {
    refuseBrokenKey(setup, call);
    return await work(exchange);
  } catch (error) {
    throw exchange.failure(error, false);
  }
}

/** Runs one whole call that is answered by a model. */
export async function completeExchange(
  setup: ExchangeSetup,
  call: ExchangeCall,
  work: (exchange: Exchange) => Promise<Completion>,
): Promise<Completion> {
  const read = async (exchange: Exchange) => refuseTooManyCalls(await work(exchange));
  return maskOf(setup, call).completion(await runExchange(setup, call, read));
}

function refuseTooManyCalls(answer: Completion): Completion {
  for (const { content } of [answer, ...(answer.alternatives ?? [])]) {
    const calls = content.filter(({ type }) => type === 'tool-call');
    if (calls.length > TOOL_CALLS_MAX) throw tooManyToolCalls().with({ usage: answer.usage });
  }
  return answer;
}

/**
 * Runs one streamed call. `work` yields parts and, only when it has seen the vendor's terminal
 * event, a `finish`. SDK iterators may throw, or just end on an early close and on abort: whatever
 * happens, the stream ends with exactly one `finish` or `error` and never throws.
 */
export async function* streamExchange(
  setup: ExchangeSetup,
  call: ExchangeCall,
  work: (exchange: Exchange) => AsyncIterable<StreamPart> | Promise<PartSource>,
): AsyncGenerator<StreamPart, void, undefined> {
  const exchange = new Exchange(setup, call);
  try {
    refuseBrokenKey(setup, call);
    const mask = maskOf(setup, call);
    let calls = 0;
    for await (const part of await work(exchange)) {
      if (part.type === 'tool-call' && ++calls > TOOL_CALLS_MAX) throw tooManyToolCalls();
      for (const fit of mask.parts(part)) yield fit;
      if (part.type === 'finish' || part.type === 'error') return;
    }
  } catch (error) {
    yield { type: 'error', error: exchange.failure(error, true) };
    return;
  }
  const cut = new GatewayError('stream_truncated', 'the answer ended before its terminal event.');
  yield { type: 'error', error: exchange.failure(cut, true) };
}

/** Of the secrets of a provider, by its key: asked for with every answer, and dear to make. */
const knownSpellings = new WeakMap<ProviderSettings, Map<string | undefined, readonly string[]>>();

function maskOf({ settings }: ExchangeSetup, { context }: ExchangeCall): AnswerMask {
  const byKey = knownSpellings.get(settings) ?? new Map<string | undefined, readonly string[]>();
  knownSpellings.set(settings, byKey);
  const spellings = byKey.get(context.apiKey) ?? secretsOf({ settings, context }).flatMap(spellingsOfSecret);
  byKey.set(context.apiKey, spellings);
  return new AnswerMask(spellings);
}

/** A header cannot carry it, and the error of whoever tries quotes the key. */
function refuseBrokenKey({ settings }: ExchangeSetup, { context }: ExchangeCall): void {
  const { apiKey } = context;
  if (apiKey === undefined || /^[\x21-\x7e]+$/.test(apiKey)) return;
  throw new GatewayError(
    'provider_auth',
    `The API key of provider ${settings.id} is empty or holds a blank, a line break or a character outside ASCII; check it.`,
    { provider: settings.id },
  );
}
