import type { FaultyProxy, UsableProxy } from '../../core/network/proxies.ts';
import { Connecting } from '../../providers/shared/transport/connecting.ts';
import { createProxyPool } from '../../providers/shared/transport/proxy-pool.ts';
import { createResolver } from '../../providers/shared/transport/reach-host.ts';

type Posting = {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
};

/**
 * Posts through a tunnel and gives the status. What goes through a proxy is always `https:`, since plain text stays on
 * this machine. Throws what came between: a `GatewayError` of what the proxy did.
 */
export async function postThroughProxy(
  proxy: UsableProxy | FaultyProxy,
  { origin, pathname, search }: URL,
  { headers, body, signal, timeoutMs }: Posting,
): Promise<number> {
  const connect = { rejectUnauthorized: true, resolve: createResolver() };
  const connecting = new Connecting(timeoutMs);
  const pool = createProxyPool(origin, proxy, { connect, connecting, options: {} });
  try {
    const answer = await pool.request({ path: pathname + search, method: 'POST', headers, body, signal });
    answer.body.on('error', () => undefined).destroy();
    return answer.statusCode;
  } finally {
    connecting.end();
    await pool.destroy();
  }
}
