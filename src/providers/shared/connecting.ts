import { buildConnector } from 'undici';

/** `timeout` in milliseconds, for all it takes until a connection stands. */
export type ConnectOptions = { readonly timeout: number; readonly rejectUnauthorized: boolean };

type Endable = { destroy(error: Error): unknown };

/** Makes a connection, and gives what ends it on its way. */
export type Connector = (options: buildConnector.Options, done: buildConnector.Callback) => Endable;

/** undici's own gives its socket, which its types leave out. */
export function createConnector(options: ConnectOptions): Connector {
  return buildConnector(options) as unknown as Connector;
}

/** Connections on their way: a pool that is destroyed leaves them be, and each would keep a process alive that ends. */
export class Connecting {
  readonly #underWay = new Set<Endable>();

  watch(connect: Connector): buildConnector.connector {
    return (options, done) => {
      const socket = connect(options, (...outcome) => {
        this.#underWay.delete(socket);
        done(...outcome);
      });
      this.#underWay.add(socket);
    };
  }

  end(): void {
    for (const socket of this.#underWay) socket.destroy(new Error('The connections were closed.'));
  }
}
