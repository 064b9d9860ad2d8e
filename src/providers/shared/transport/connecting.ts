import { buildConnector } from 'undici';
import { fromNetworkError, HANDSHAKE_LATE } from './network-error.ts';
import { type Endable, type Resolver, reachHost, SILENCE_MS } from './reach-host.ts';

export type ConnectOptions = { readonly rejectUnauthorized: boolean; readonly resolve: Resolver };

/** Makes a connection, and gives what ends it on its way. */
export type Connector = (options: buildConnector.Options, done: buildConnector.Callback) => Endable;

/** Knows no limit of time: see `Connecting`. TLS is undici's own; it speaks it over `httpSocket` where there is one. */
export function createConnector({ rejectUnauthorized, resolve }: ConnectOptions): Connector {
  const secureOptions = { rejectUnauthorized, timeout: 0, keepAliveInitialDelay: SILENCE_MS };
  // It gives its socket, which its types leave out.
  const secure = buildConnector(secureOptions) as unknown as Connector;
  return (options, done) => {
    if (options.httpSocket) return secure(options, done);
    const { protocol, hostname, port } = options;
    const isSecure = protocol === 'https:';
    let underWay = reachHost({ hostname, port: Number(port) || (isSecure ? 443 : 80), resolve }, (error, socket) => {
      if (error) return done(error, null);
      if (!isSecure) return done(null, socket);
      const handshake = secure({ ...options, httpSocket: socket }, done);
      underWay = { destroy: (cause) => handshake.destroy(handshakeLate(cause)) };
    });
    return { destroy: (error) => underWay.destroy(error) };
  };
}

function handshakeLate(cause: Error): Error {
  return Object.assign(new Error('The TLS handshake took too long.', { cause }), { code: HANDSHAKE_LATE });
}

/** Connections on their way: a pool that is destroyed leaves them be, and each would keep a process alive that ends. */
export class Connecting {
  readonly #underWay = new Set<Endable>();
  readonly #timeoutMs: number;

  /** `timeoutMs`: for all it takes until a connection stands. */
  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** The same within the time that a connection may take. */
  watch(connect: Connector): buildConnector.connector {
    return (options, done) => {
      const socket = connect(options, (error, connected) => {
        clearTimeout(timer);
        this.#underWay.delete(socket);
        if (error) done(fromNetworkError(error, 'connecting', options.host ?? ''), null);
        else done(null, connected);
      });
      const late = () => socket.destroy(Object.assign(new Error('It took too long.'), { code: 'ETIMEDOUT' }));
      const timer = setTimeout(late, this.#timeoutMs);
      this.#underWay.add(socket);
    };
  }

  end(): void {
    for (const socket of this.#underWay) socket.destroy(new Error('The connections were closed.'));
  }
}
