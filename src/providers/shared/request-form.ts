import { GatewayError } from '../../core/errors.ts';
import type { ProviderSettings } from '../../core/provider.ts';
import {
  addressOf,
  methodOf,
  NO_KEY,
  outgoingHeaders,
  type WireAddress,
  type WireRequest,
} from './transport/wire-request.ts';

/** What all requests of one kind have in common. Only key and body change from one to the next. */
export type RequestForm = {
  readonly address: WireAddress;
  readonly method: WireRequest['method'];
  /** Names and values in turn, without the key's. */
  readonly headers: readonly string[];
  /** The header that carries the key, and what stands before it; absent where the configuration sends its own. */
  readonly credential: { readonly name: string; readonly prefix: string } | undefined;
};

/** One call of an SDK's method, with a key of `NO_KEY` and with the given way to send. */
export type Rehearsal = (fetch: typeof globalThis.fetch) => PromiseLike<unknown>;

/**
 * Asks an SDK how it sends one kind of request, once: it is run up to where the bytes would leave. Its own way there
 * with each request costs three times the rest of a call, for retries, timeouts and log lines that have owners here.
 */
export async function rehearse(rehearsal: Rehearsal, settings: ProviderSettings): Promise<RequestForm> {
  let form: RequestForm | undefined;
  const send: typeof globalThis.fetch = async (input, init) => {
    form = toForm(String(input), init ?? {}, settings);
    // No answer is made up for it: reading one would take the web's streams, and those take V8's short cuts from all
    // buffers and promises of this process.
    throw new Error('a rehearsal sends nothing');
  };
  let cause: unknown;
  try {
    await rehearsal(send);
  } catch (error) {
    cause = error;
  }
  if (form) return form;
  const { id } = settings;
  throw new GatewayError('internal', `Provider ${id}: its SDK did not say how it sends.`, { provider: id, cause });
}

/**
 * What of an SDK's headers is sent: how bodies are written, and who asks. The others tell of this machine, or stand in
 * the environment (`OPENAI_CUSTOM_HEADERS` and its like) and are meant for another than this provider.
 */
const KEPT: ReadonlySet<string> = new Set(['accept', 'content-type', 'user-agent', 'anthropic-version']);

/** Where the environment put something else into the key's place. */
const BEARER: readonly [string, string] = ['authorization', `Bearer ${NO_KEY}`];

function toForm(url: string, init: RequestInit, { headers }: ProviderSettings): RequestForm {
  const sdkHeaders = [...new Headers(init.headers)];
  const kept = sdkHeaders.filter(([name]) => KEPT.has(name));
  const [name, value] = sdkHeaders.find((header) => header[1].endsWith(NO_KEY)) ?? BEARER;
  return {
    address: addressOf(url),
    method: methodOf(init),
    headers: outgoingHeaders(kept, headers, undefined),
    credential: new Headers(headers).has(name) ? undefined : { name, prefix: value.slice(0, -NO_KEY.length) },
  };
}

/** The form, filled in. */
export function toWireRequest(form: RequestForm, apiKey: string | undefined, body?: object): WireRequest {
  const { address, method, credential } = form;
  const headers =
    credential === undefined || apiKey === undefined
      ? [...form.headers]
      : [...form.headers, credential.name, credential.prefix + apiKey];
  return { address, method, headers, body: body === undefined ? null : JSON.stringify(body) };
}
