import type { StreamPart } from '../../core/completion.ts';
import { GatewayError } from '../../core/errors.ts';
import type { ModelInfo } from '../../core/model.ts';
import type { CallContext, ProviderSettings } from '../../core/provider.ts';
import { createFailureReader, type ErrorReading } from './failure-reader.ts';
import { TOOL_CALLS_MAX, tooManyToolCalls } from './tool-calls-max.ts';
import type { Transport } from './transport.ts';

export type ExchangeOptions = {
  readonly transport: Transport;
  readonly settings: ProviderSettings;
  readonly context: CallContext;
  /** Absent when the call is about no model: the model list. */
  readonly model?: ModelInfo;
} & ErrorReading;

/** One call to one vendor: what its SDK client is built from, and what was seen of the answer. */
export type Exchange = {
  readonly fetch: typeof fetch;
  /** A placeholder when the provider has no key; nothing of it is sent then. */
  readonly apiKey: string;
  readonly signal: AbortSignal;
  /** Of the answer, once they have come. */
  responseHeaders(): Headers | undefined;
};

/** SDK timers never fire before ours: the longest delay a Node timer takes. */
export const SDK_TIMEOUT_MS = 2_147_483_647;

type PartSource = AsyncIterable<StreamPart> | Iterable<StreamPart>;

/** Room for comments behind the last word. */
const TAIL_BYTES = 256;
const NO_KEY = 'no-key';
const NO_BYTES = new Uint8Array();

/** Runs one whole call. Whatever is thrown inside leaves as a `GatewayError` that names the provider. */
export async function runExchange<Result>(
  options: ExchangeOptions,
  work: (exchange: Exchange) => Promise<Result>,
): Promise<Result> {
  const { exchange, fail } = openExchange(options);
  try {
    return await work(exchange);
  } catch (error) {
    throw fail(error, false);
  }
}

/**
 * Runs one streamed call. `work` yields parts and, only when it has seen the vendor's terminal
 * event, a `finish`. SDK iterators may throw, or just end on an early close and on abort: whatever
 * happens, the stream ends with exactly one `finish` or `error` and never throws.
 */
export async function* streamExchange(
  options: ExchangeOptions,
  work: (exchange: Exchange) => AsyncIterable<StreamPart> | Promise<PartSource>,
): AsyncGenerator<StreamPart, void, undefined> {
  let fail = createFailureReader(options, () => ({ sent: false, tail: '', ended: false }));
  try {
    const opened = openExchange(options);
    fail = opened.fail;
    let calls = 0;
    for await (const part of await work(opened.exchange)) {
      if (part.type === 'tool-call' && ++calls > TOOL_CALLS_MAX) throw tooManyToolCalls();
      yield part;
      if (part.type === 'finish' || part.type === 'error') return;
    }
  } catch (error) {
    yield { type: 'error', error: fail(error, true) };
    return;
  }
  const cut = new GatewayError('stream_truncated', 'the answer ended before its terminal event.');
  yield { type: 'error', error: fail(cut, true) };
}

function openExchange(options: ExchangeOptions) {
  const { transport, settings, context } = options;
  refuseBrokenKey(context.apiKey, settings.id);
  let headers: Headers | undefined;
  let tail: Uint8Array = NO_BYTES;
  let ended = false;
  let sent = false;
  // The Anthropic and Groq SDKs put an error of their own, without a cause, in place of a connect timeout.
  let thrown: unknown;
  const wire = transport.fetchFor(
    {
      ...context,
      onSent: () => {
        sent = true;
        context.onSent?.();
      },
    },
    {
      onHeaders: (received) => {
        headers = received;
      },
      onBytes: (chunk) => {
        tail =
          chunk.length >= TAIL_BYTES ? chunk.subarray(-TAIL_BYTES) : Buffer.concat([tail, chunk]).subarray(-TAIL_BYTES);
      },
      onEnd: () => {
        ended = true;
      },
    },
  );
  const exchange: Exchange = {
    fetch: async (input, init) => {
      try {
        return await wire(input, { ...init, headers: outgoingHeaders(init?.headers, options) });
      } catch (error) {
        thrown = error;
        throw error;
      }
    },
    apiKey: context.apiKey ?? NO_KEY,
    signal: context.signal,
    responseHeaders: () => headers,
  };
  const read = createFailureReader(options, () => ({ sent, tail: Buffer.from(tail).toString('latin1'), ended }));
  const fail = (error: unknown, streaming: boolean) => read(thrown ?? error, streaming);
  return { exchange, fail };
}

/** The configuration's headers win over the SDK's; without a key none is claimed. */
function outgoingHeaders(
  sdkHeaders: RequestInit['headers'],
  { settings, context }: ExchangeOptions,
): Record<string, string> {
  const headers = plainHeaders(sdkHeaders);
  if (context.apiKey === undefined) {
    for (const name of ['authorization', 'x-api-key', 'x-goog-api-key']) delete headers[name];
  }
  for (const [name, value] of Object.entries(settings.headers ?? {})) headers[name.toLowerCase()] = value;
  return headers;
}

/** The OpenAI client hands over plain ones, names in small letters: reading them through `Headers` costs more than sending them. */
function plainHeaders(headers: RequestInit['headers']): Record<string, string> {
  if (headers instanceof Headers || Array.isArray(headers)) return Object.fromEntries(new Headers(headers));
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers ?? {})) plain[name.toLowerCase()] = String(value);
  return plain;
}

/** A header cannot carry it, and the error of whoever tries quotes the key. */
function refuseBrokenKey(apiKey: string | undefined, provider: string): void {
  if (apiKey === undefined || /^[\x21-\x7e]+$/.test(apiKey)) return;
  throw new GatewayError(
    'provider_auth',
    `The API key of provider ${provider} is empty or holds a blank, a line break or a character outside ASCII; check it.`,
    { provider },
  );
}
