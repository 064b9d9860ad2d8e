import { APIPromise, OpenAI } from 'openai';
import { VERSION } from 'openai/version';
import { GatewayError } from '../../core/errors.ts';
import type { Exchange } from '../shared/exchange.ts';

type Settings = ConstructorParameters<typeof OpenAI>[0];
type RequestOptions = Parameters<OpenAI['request']>[0];
type FinalRequestOptions = Awaited<RequestOptions>;
type Answer = ConstructorParameters<typeof APIPromise>[1];

/** What all requests to one path have in common. */
type Form = { readonly url: string; readonly method: string; readonly headers: Readonly<Record<string, string>> };

/** Rides through the SDK with each request. */
export type CallOptions = { readonly exchange?: Exchange };

/** Paths come from the SDK's own methods; the bound only keeps a mistake from growing. */
const FORMS_MAX = 16;

/** The SDK wants one with each answer, for readers of streams that are not used. */
const NO_CONTROLLER = new AbortController();

/**
 * The SDK without its way of sending: retries, timeouts, credentials and log lines have owners here, and
 * theirs cost three times the rest of a call even when they are off. What the SDK puts around a body, it is asked
 * for once a path; afterwards only key and body change. Its resources and its reading of answers stay.
 */
export class LeanOpenAi extends OpenAI {
  readonly #forms = new Map<string, Form>();

  constructor(settings: Settings) {
    // By itself it would name this class.
    super({ ...settings, fetch: refuseToSend, defaultHeaders: { 'user-agent': `OpenAI/JS ${VERSION}` } });
  }

  override request<Result>(options: RequestOptions): APIPromise<Result> {
    return new APIPromise<Result>(this, this.#send(options));
  }

  async #send(asked: RequestOptions): Answer {
    const options = await asked;
    const { exchange } = (options.fetchOptions ?? {}) as CallOptions;
    if (!exchange) return refuseToSend();
    const { url, method, headers } = this.#forms.get(options.path) ?? (await this.#formOf(options));
    const response = await exchange.fetch(url, {
      method,
      headers: { ...headers, authorization: `Bearer ${exchange.apiKey}` },
      ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
    });
    return {
      response,
      options,
      controller: NO_CONTROLLER,
      requestLogID: '',
      retryOfRequestLogID: undefined,
      startTime: 0,
    };
  }

  async #formOf({ path, method, body }: FinalRequestOptions): Promise<Form> {
    const { req, url } = await this.buildRequest({ path, method, ...(body !== undefined && { body: {} }) });
    const headers = Object.fromEntries(req.headers);
    const form = { url, method: method.toUpperCase(), headers };
    if (this.#forms.size < FORMS_MAX) this.#forms.set(path, form);
    return form;
  }
}

function refuseToSend(): never {
  throw new GatewayError('internal', 'the SDK sent a request that belongs to no call.');
}
