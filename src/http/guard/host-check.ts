import type { Socket } from 'node:net';
import { hostInUrl, isEveryAddress } from '../../core/listen-host.ts';
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
  /** Hosts that were found right, since most requests name the same. */
  readonly #remembered = new Set<string>();

  constructor(settings: HttpSettings) {
    this.#settings = settings;
    this.#own = ['127.0.0.1', 'localhost', '[::1]', ...ownNames(settings.host)];
  }

  allows(host: string, arrival: Arrival): boolean {
    if (this.#remembered.has(host)) return true;
    if (!this.#isOurs(host.toLowerCase(), arrival)) return false;
    if (this.#remembered.size < REMEMBERED_MAX) this.#remembered.add(host);
    return true;
  }

  #isOurs(host: string, { localAddress, localPort: port }: Arrival): boolean {
    const { allowedHosts } = this.#settings;
    const own = [...this.#own, ...addressNames(localAddress)];
    if (own.some((name) => host === `${name}:${port}` || (port === HTTP_PORT && host === name))) return true;
    return allowedHosts.some((allowed) => {
      const name = allowed.toLowerCase();
      return host === name || host.replace(/:\d{1,5}$/, '') === name;
    });
  }
}

/**
 * The address where the connection came in. Who looks after containers and targets of a balancer knows no other name of
 * theirs; and no web page can have an address for its name that is not where it came from.
 */
function addressNames(localAddress = ''): string[] {
  const address = localAddress.replace(/^::ffff:(?=\d+\.)/i, '');
  return address === '' ? [] : [hostInUrl(address)];
}

/** The address we listen on, unless that is every one. */
function ownNames(host: string): string[] {
  return isEveryAddress(host) ? [] : [hostInUrl(host)];
}
