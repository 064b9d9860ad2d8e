import type { Socket } from 'node:net';
import { hostInUrl, isEveryAddress } from '../../core/network/listen-host.ts';
import type { HttpSettings } from '../http-settings.ts';

const HTTP_PORT = 80;
/** Callers use one or two names; more come only from whoever tries. */
const REMEMBERED_MAX = 16;

/** Our end of a connection. */
type Arrival = Pick<Socket, 'localAddress' | 'localPort'>;

/**
 * Is the Host header a name of our server? A web page that has its own name lead to this machine (DNS
 * rebinding) sends that name. Compared letter by letter: every other spelling of an address is refused.
 */
export class HostCheck {
  readonly #settings: HttpSettings;
  readonly #own: readonly string[];
  /** Hosts that are right wherever a connection comes in, since most requests name the same. */
  readonly #remembered = new Set<string>();

  constructor(settings: HttpSettings) {
    this.#settings = settings;
    this.#own = ['127.0.0.1', 'localhost', '[::1]', ...ownNames(settings.host)];
  }

  allows(host: string, { localAddress, localPort }: Arrival): boolean {
    if (this.#remembered.has(host)) return true;
    const written = host.toLowerCase();
    // A name of this connection alone, so it is not remembered.
    if (!this.#isOurs(written, localPort)) return isOneOf(addressNames(localAddress), written, localPort);
    if (this.#remembered.size < REMEMBERED_MAX) this.#remembered.add(host);
    return true;
  }

  #isOurs(host: string, port: number | undefined): boolean {
    if (isOneOf(this.#own, host, port)) return true;
    return this.#settings.allowedHosts.some((allowed) => {
      const name = allowed.toLowerCase();
      return host === name || host.replace(/:\d{1,5}$/, '') === name;
    });
  }
}

function isOneOf(names: readonly string[], host: string, port: number | undefined): boolean {
  return names.some((name) => host === `${name}:${port}` || (port === HTTP_PORT && host === name));
}

/**
 * The address where the connection came in. Who looks after containers and targets of a balancer knows no other name of
 * theirs; and no web page can have an address for its name that is not where it came from.
 */
function addressNames(localAddress = ''): string[] {
  // Clients leave out of a link-local address by which interface it is.
  const address = localAddress.replace(/^::ffff:(?=\d+\.)|%.*$/gi, '');
  return address === '' ? [] : [hostInUrl(address)];
}

/** The address we listen on, unless that is every one. */
function ownNames(host: string): string[] {
  return isEveryAddress(host) ? [] : [hostInUrl(host)];
}
