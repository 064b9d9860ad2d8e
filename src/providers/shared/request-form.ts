import { GatewayError } from '../../core/errors.ts';
import type { ProviderSettings } from '../../core/provider.ts';
import { addressOf, methodOf, NO_KEY, outgoingHeaders, type WireAddress, type WireRequest } from './wire-request.ts';

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
  try {
    await rehearsal(send);
  } catch (error) {
    if (!form) throw new GatewayError('internal', 'the SDK did not say how it sends.', { cause: error });
  }
  if (!form) throw new GatewayError('internal', 'the SDK did not say how it sends.');
  return form;
}

function toForm(url: string, init: RequestInit, { headers }: ProviderSettings): RequestForm {
  return {
    address: addressOf(url),
    method: methodOf(init),
    headers: outgoingHeaders(init.headers, headers),
    credential: credentialIn(new Headers(init.headers), new Headers(headers)),
  };
}

function credentialIn(sdkHeaders: Headers, configured: Headers): RequestForm['credential'] {
  for (const [name, value] of sdkHeaders) {
    if (value.endsWith(NO_KEY) && !configured.has(name)) return { name, prefix: value.slice(0, -NO_KEY.length) };
  }
  return undefined;
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
