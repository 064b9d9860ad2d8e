import { Agent } from 'undici';
import { GatewayError } from '../../core/errors.ts';
import { HttpFailure } from './http-failure.ts';
import { type ReceivedHead, WireHandler } from './wire-handler.ts';
import type { WireRequest } from './wire-request.ts';
import { readBody, type WireBody, WireResponse } from './wire-response.ts';
import type { WireWatch } from './wire-watch.ts';

export type TransportOptions = {
  readonly connectMs: number;
  /** Of one answer, after decompression. */
  readonly bodyBytesMax?: number;
};

/** The one way out to every provider: a pool of kept-alive connections shared by all calls. */
export interface Transport {
  /**
   * Resolves when the head of the answer has come. Throws `HttpFailure` for every answer outside 2xx and
   * `GatewayError` for everything that fails below HTTP; follows no redirect; ends with any of the signals.
   */
  send(request: WireRequest, signals: readonly AbortSignal[], watch: WireWatch): Promise<WireResponse>;
  /** Closes all connections at once; calls under way fail. */
  close(): Promise<void>;
}

const BODY_BYTES_MAX = 64 * 1024 * 1024;
const FAILURE_BYTES_MAX = 64 * 1024;
/** A failure is known by its status; so long its words may take, and then the next target is tried without them. */
const FAILURE_MS = 2_000;
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
  return {
    async send(request, signals, watch) {
      const { host, href } = request.address;
      const { status, headers, raw } = await dispatched(agent, request, signals, watch);
      watch.onHeaders(headers);
      if (status < 200 || status >= 300) {
        throw new HttpFailure(status, headers, await failureText({ raw, headers, host, bytesMax: bodyBytesMax }));
      }
      // Captive proxies and wrong addresses answer a web page with status 200.
      if (/^(text\/html|application\/xhtml)/i.test(headers.get('content-type') ?? '')) {
        raw.destroy();
        throw new GatewayError('malformed_response', `${host} answered a web page; check baseUrl and any proxy.`);
      }
      return new WireResponse(href, status, { raw, headers, host, bytesMax: bodyBytesMax, watch });
    },
    close: () => agent.destroy(),
  };
}

function dispatched(
  agent: Agent,
  { address, method, headers, body }: WireRequest,
  signals: readonly AbortSignal[],
  watch: WireWatch,
): Promise<ReceivedHead> {
  return new Promise((resolve, reject) => {
    const handler = new WireHandler({ host: address.host, signals, watch, resolve, reject });
    if (handler.ended) return;
    agent.dispatch({ origin: address.origin, path: address.path, method, headers, body }, handler);
  });
}

/** As much of a failure's body as arrives; a broken one must not hide the status. */
async function failureText(body: WireBody): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  const timer = setTimeout(() => body.raw.destroy(new Error('The words of a failure took too long.')), FAILURE_MS);
  try {
    for await (const chunk of readBody(body)) {
      pieces.push(chunk);
      bytes += chunk.length;
      if (bytes >= FAILURE_BYTES_MAX) break;
    }
  } catch {
    // What has arrived is enough.
  } finally {
    clearTimeout(timer);
  }
  return Buffer.concat(pieces).subarray(0, FAILURE_BYTES_MAX).toString('utf8');
}
