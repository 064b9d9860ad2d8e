import { Pool } from 'undici';
import { GatewayError } from '../../../core/errors.ts';
import { type Proxies, proxyFor } from '../../../core/network/proxies.ts';
import { HttpFailure } from '../failures/http-failure.ts';
import { isWebPage } from '../failures/vendor-failure.ts';
import { Connecting, createConnector } from './connecting.ts';
import { createProxyPool } from './proxy-pool.ts';
import { createResolver } from './reach-host.ts';
import { type ReceivedHead, WireHandler } from './wire-handler.ts';
import type { WireRequest } from './wire-request.ts';
import { readBody, type WireBody, WireResponse } from './wire-response.ts';
import type { WireWatch } from './wire-watch.ts';

export type TransportOptions = {
  readonly connectMs: number;
  /** None when absent. */
  readonly proxies?: Proxies;
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
const POOL_OPTIONS: Pool.Options = {
  keepAliveTimeout: KEEP_ALIVE_MS,
  keepAliveMaxTimeout: KEEP_ALIVE_MS,
  // First-token, idle and total timers belong to the caller.
  headersTimeout: 0,
  bodyTimeout: 0,
};

export function createTransport(options: TransportOptions): Transport {
  const { bodyBytesMax = BODY_BYTES_MAX } = options;
  const pools = createPools(options);
  return {
    async send(request, signals, watch) {
      const { host, href } = request.address;
      const { status, headers, raw } = await dispatched(pools, request, signals, watch);
      watch.onHeaders(headers);
      if (status < 200 || status >= 300) {
        throw new HttpFailure(status, headers, await failureText({ raw, headers, host, bytesMax: bodyBytesMax }));
      }
      // Captive proxies and wrong addresses answer a web page with status 200.
      if (isWebPage(headers)) {
        raw.destroy();
        throw new GatewayError('malformed_response', `${host} answered a web page; check baseUrl and any proxy.`);
      }
      return new WireResponse(href, status, { raw, headers, host, bytesMax: bodyBytesMax, watch });
    },
    close: () => pools.destroy(),
  };
}

/** The connections to each origin. */
type Pools = {
  of(origin: string): Pool;
  /** A pool in which the next request gets a connection that nobody has used before. */
  fresh(origin: string): Pool;
  /** Takes no connection of this pool again; the calls under way on them end as they would. */
  retire(origin: string, pool: Pool): void;
  /** An answer came on one of its connections, which is kept for others. */
  noteAnswer(pool: Pool): void;
  hasAnswered(pool: Pool): boolean;
  destroy(): Promise<void>;
};

function createPools({ connectMs, proxies }: TransportOptions): Pools {
  const current = new Map<string, Pool>();
  const retired = new Set<Pool>();
  const answered = new WeakSet<Pool>();
  const connecting = new Connecting(connectMs);
  // Said, because NODE_TLS_REJECT_UNAUTHORIZED would decide it otherwise.
  const connect = { rejectUnauthorized: true, resolve: createResolver() };
  const pools: Pools = {
    of(origin) {
      const known = current.get(origin);
      if (known) return known;
      const proxy = proxies && proxyFor(proxies, origin);
      const pool = proxy
        ? createProxyPool(origin, proxy, { connect, connecting, options: POOL_OPTIONS })
        : new Pool(origin, { ...POOL_OPTIONS, connect: connecting.watch(createConnector(connect)) });
      current.set(origin, pool);
      return pool;
    },
    fresh(origin) {
      const known = current.get(origin);
      if (known && answered.has(known)) pools.retire(origin, known);
      return pools.of(origin);
    },
    retire(origin, pool) {
      if (current.get(origin) !== pool) return;
      current.delete(origin);
      retired.add(pool);
      pool.close(() => retired.delete(pool));
    },
    noteAnswer: (pool) => void answered.add(pool),
    hasAnswered: (pool) => answered.has(pool),
    async destroy() {
      const destroyed = [...current.values(), ...retired].map((pool) => pool.destroy());
      connecting.end();
      await Promise.all(destroyed);
    },
  };
  return pools;
}

function dispatched(
  pools: Pools,
  { address, method, headers, body }: WireRequest,
  signals: readonly AbortSignal[],
  watch: WireWatch,
): Promise<ReceivedHead> {
  return new Promise((resolve, reject) => {
    let pool = watch.needsNewConnection ? pools.fresh(address.origin) : pools.of(address.origin);
    // Where one kept-alive connection has gone stale the idle ones beside it have too: a repetition needs a new one.
    const onLost = () => {
      pools.retire(address.origin, pool);
      return pools.hasAnswered(pool);
    };
    const onStale = () => {
      onLost();
      pool = pools.fresh(address.origin);
      // undici is not done with the connection yet.
      queueMicrotask(dispatch);
    };
    const onHead = (head: ReceivedHead) => {
      pools.noteAnswer(pool);
      resolve(head);
    };
    const handler = new WireHandler({ host: address.host, signals, watch, resolve: onHead, reject, onLost, onStale });
    const dispatch = () => {
      if (!handler.ended) pool.dispatch({ path: address.path, method, headers, body }, handler);
    };
    dispatch();
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
