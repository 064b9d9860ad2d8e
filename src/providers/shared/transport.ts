import { Agent } from 'undici';
import { GatewayError } from '../../core/errors.ts';
import { HOP_HEADER } from '../../core/hop.ts';
import type { CallContext } from '../../core/provider.ts';
import { HttpFailure } from './http-failure.ts';
import { type ReceivedHead, WireHandler } from './wire-handler.ts';
import { createWireResponse, readBody, type WireBody, type WireTap } from './wire-response.ts';

export type TransportOptions = {
  readonly connectMs: number;
  /** Of one answer, after decompression. */
  readonly bodyBytesMax?: number;
};

/** The one way out to every provider: a pool of kept-alive connections shared by all calls. */
export interface Transport {
  /**
   * A `fetch` for one call. It follows no redirect, throws `HttpFailure` for every answer outside
   * 2xx and `GatewayError` for everything that fails below HTTP; it ends with either signal.
   */
  fetchFor(context: CallContext, tap?: WireTap): typeof fetch;
  /** Closes all connections at once; calls under way fail. */
  close(): Promise<void>;
}

const BODY_BYTES_MAX = 64 * 1024 * 1024;
const FAILURE_BYTES_MAX = 64 * 1024;
/** Below the 10 s after which common load balancers drop an idle connection. */
const KEEP_ALIVE_MS = 8_000;

export function createTransport({ connectMs, bodyBytesMax = BODY_BYTES_MAX }: TransportOptions): Transport {
  const agent = new Agent({
    connect: { timeout: connectMs },
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    // First-token, idle and total timers belong to the caller.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const addressOf = createAddressBook();
  return {
    fetchFor:
      (context, tap = {}) =>
      async (input, init) => {
        const url = addressOf(input instanceof Request ? input.url : input);
        const head = await send({ agent, url, init: init ?? {}, context });
        return received(head, { url, bytesMax: bodyBytesMax, tap });
      },
    close: () => agent.destroy(),
  };
}

/** What a call needs of a URL. */
type Address = { readonly origin: string; readonly host: string; readonly path: string; readonly href: string };

/** A provider has few: one a kind of call, with Gemini one a model. */
const ADDRESSES_MAX = 256;

/** Reads each URL once: reading costs more than the rest of handing a request over. */
function createAddressBook(): (input: string | URL) => Address {
  const known = new Map<string, Address>();
  return (input) => {
    const text = String(input);
    const found = known.get(text);
    if (found) return found;
    const { origin, host, pathname, search, href } = new URL(text);
    const address = { origin, host, path: pathname + search, href };
    if (known.size >= ADDRESSES_MAX) known.clear();
    known.set(text, address);
    return address;
  };
}

type Outgoing = {
  readonly agent: Agent;
  readonly url: Address;
  readonly init: RequestInit;
  readonly context: CallContext;
};

function send({ agent, url, init, context }: Outgoing): Promise<ReceivedHead> {
  if (init.body !== undefined && init.body !== null && typeof init.body !== 'string') {
    throw new GatewayError('internal', 'A provider sent a body that is not text.');
  }
  const { body, method = 'GET' } = init;
  const headers = plainHeaders(init.headers);
  return new Promise((resolve, reject) => {
    const handler = new WireHandler({
      host: url.host,
      signals: init.signal ? [context.signal, init.signal] : [context.signal],
      onSent: () => context.onSent?.(),
      onActivity: () => context.onActivity?.(),
      resolve,
      reject,
    });
    if (handler.ended) return;
    agent.dispatch(
      {
        origin: url.origin,
        path: url.path,
        method: method as 'GET' | 'POST',
        headers: { ...headers, 'accept-encoding': 'identity', [HOP_HEADER]: '1' },
        body: body ?? null,
      },
      handler,
    );
  });
}

/** An exchange hands them over as they are sent; copying costs. */
function plainHeaders(headers: RequestInit['headers']): Record<string, string> {
  if (headers === undefined) return {};
  const isPlain = !(headers instanceof Headers) && !Array.isArray(headers);
  return isPlain ? (headers as Record<string, string>) : Object.fromEntries(new Headers(headers));
}

type Reception = { readonly url: Address; readonly bytesMax: number; readonly tap: WireTap };

async function received({ status, headers, raw }: ReceivedHead, reception: Reception): Promise<Response> {
  const { url, bytesMax, tap } = reception;
  const { host } = url;
  const body: WireBody = { raw, headers, host, bytesMax, tap };
  tap.onHeaders?.(headers);
  if (status < 200 || status >= 300) throw new HttpFailure(status, headers, await failureText(body));
  // Captive proxies and wrong addresses answer a web page with status 200.
  if (/^(text\/html|application\/xhtml)/i.test(headers.get('content-type') ?? '')) {
    raw.destroy();
    throw new GatewayError('malformed_response', `${host} answered a web page; check baseUrl and any proxy.`);
  }
  return createWireResponse(url.href, status, body);
}

/** As much of a failure's body as arrives; a broken one must not hide the status. */
async function failureText(body: WireBody): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of readBody({ ...body, tap: {} })) {
      pieces.push(chunk);
      bytes += chunk.length;
      if (bytes >= FAILURE_BYTES_MAX) break;
    }
  } catch {
    // What has arrived is enough.
  }
  return Buffer.concat(pieces).subarray(0, FAILURE_BYTES_MAX).toString('utf8');
}
