import { request } from 'node:http';
import type { Socket } from 'node:net';
import { type Dispatcher, Pool } from 'undici';
import { GatewayError } from '../../../core/errors.ts';
import { describeProxy, type FaultyProxy, hostOf, type UsableProxy } from '../../../core/network/proxies.ts';
import { type Connecting, type ConnectOptions, type Connector, createConnector } from './connecting.ts';
import { fromConnectError } from './network-error.ts';
import type { Endable } from './reach-host.ts';

type ProxyPoolOptions = {
  readonly connect: ConnectOptions;
  readonly connecting: Connecting;
  readonly options: Pool.Options;
};

/**
 * A pool whose connections to an origin lead through a proxy. To `https:` they are tunnels, which the proxy opens and
 * cannot read; in `http:` it is asked for the whole address, since most open tunnels to port 443 only. All else, and so
 * every promise of the transport, is as in any other pool. Throws where the variable that names the proxy is faulty.
 */
export function createProxyPool(
  origin: string,
  proxy: UsableProxy | FaultyProxy,
  { connect, connecting, options }: ProxyPoolOptions,
): Pool {
  const { protocol, host, port } = new URL(origin);
  if ('fault' in proxy) {
    const message = `cannot reach ${host}: ${proxy.variable} ${proxy.fault}.`;
    throw new GatewayError('provider_unavailable', message, { retrySame: 'no' });
  }
  if (protocol === 'https:') {
    const tunnel = throughTunnel(port ? host : `${host}:443`, proxy, connect);
    return new Pool(origin, { ...options, connect: connecting.watch(tunnel) });
  }
  return new ForwardingPool(origin, proxy, { ...options, connect: connecting.watch(toProxy(proxy, connect)) });
}

class ForwardingPool extends Pool {
  readonly #origin: string;
  readonly #headers: readonly string[];

  constructor(origin: string, proxy: UsableProxy, options: Pool.Options) {
    super(origin, options);
    this.#origin = origin;
    this.#headers = Object.entries(credentialsOf(proxy)).flat();
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const headers = [...(options.headers as readonly string[]), ...this.#headers];
    return super.dispatch({ ...options, path: this.#origin + options.path, headers }, handler);
  }
}

function toProxy(proxy: UsableProxy, connect: ConnectOptions): Connector {
  const { protocol, hostname, port } = proxy;
  const reach = createConnector(connect);
  return (_target, done) =>
    reach({ protocol, hostname, host: hostOf(proxy), port: String(port) }, (error, socket) =>
      error ? done(unreachable(proxy, error), null) : done(null, socket),
    );
}

function throughTunnel(target: string, proxy: UsableProxy, connect: ConnectOptions): Connector {
  const reach = toProxy(proxy, connect);
  const secure = createConnector(connect);
  return (options, done) => {
    let underWay = reach(options, (error, socket) => {
      if (error) return done(error, null);
      underWay = askForTunnel(target, proxy, socket, (refusal) => {
        if (refusal) return done(refusal, null);
        const secured = secure({ ...options, httpSocket: socket }, done);
        // Silence in the tunnel: nobody but the proxy knows of what is behind it.
        underWay = { destroy: (error) => secured.destroy(unreachable(proxy, error)) };
      });
    });
    return { destroy: (error) => underWay.destroy(error) };
  };
}

/** Once `done` has no error the socket leads to the target. */
function askForTunnel(
  target: string,
  proxy: UsableProxy,
  socket: Socket,
  done: (error: GatewayError | null) => void,
): Endable {
  const lasting = { connection: 'keep-alive', 'proxy-connection': 'keep-alive' };
  const headers = { host: target, ...lasting, ...credentialsOf(proxy) };
  const asking = request({ method: 'CONNECT', path: target, headers, createConnection: () => socket });
  asking.on('error', (error) => done(unreachable(proxy, error)));
  asking.on('connect', ({ statusCode = 0, headers: said }, _socket, head) => {
    if (statusCode < 200 || statusCode >= 300) {
      socket.destroy();
      return done(refused(proxy, target, statusCode, said['proxy-authenticate']));
    }
    if (head.length > 0) socket.unshift(head);
    done(null);
  });
  asking.end();
  return asking;
}

function credentialsOf({ credentials }: UsableProxy): Readonly<Record<string, string>> {
  if (!credentials) return {};
  const { user, password } = credentials;
  return { 'proxy-authorization': `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

function unreachable(proxy: UsableProxy, error: Error): GatewayError {
  return fromConnectError(error, describeProxy(proxy), proxy.variable);
}

function refused(proxy: UsableProxy, target: string, status: number, asked: string | undefined): GatewayError {
  const message = `${describeProxy(proxy)} opens no way to ${target}: ${reasonOf(proxy, status, asked)}.`;
  return new GatewayError('provider_unavailable', message, { retrySame: 'no' });
}

function reasonOf({ variable, credentials }: UsableProxy, status: number, asked: string | undefined): string {
  if (status === 407) {
    const scheme = /^[\w-]{1,20}/.exec(asked ?? '')?.[0] ?? 'another';
    if (asked && !/\bbasic\b/i.test(asked)) return `it asks for ${scheme} authentication, and only Basic is supported`;
    if (credentials) return `it does not accept the user and password in ${variable} (407)`;
    return `it asks for a user and password (407); write them into ${variable} as http://user:password@host:port`;
  }
  // So they say of a name they do not know: Privoxy 404, Tinyproxy 500, others 502 to 504.
  if (status === 404 || status >= 500) return `it cannot reach it either (${status})`;
  return `it answered ${status}; ask those who run it to allow the address`;
}
