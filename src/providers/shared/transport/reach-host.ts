import dns, { type LookupAddress } from 'node:dns';
import { connect, type Socket } from 'node:net';

/** All addresses of a host, those to be tried first in front. */
export type Resolver = (hostname: string) => Promise<readonly LookupAddress[]>;

/** What is on its way and can be ended; whoever waits for it hears the error. */
export type Endable = { destroy(error: Error): unknown };

export type ReachOptions = { readonly hostname: string; readonly port: number; readonly resolve: Resolver };

export type Reached = (...outcome: [error: Error, socket: null] | [error: null, socket: Socket]) => void;

/** So long an address has before the next one is tried beside it (RFC 8305, section 8). */
const NEXT_ADDRESS_MS = 250;
/**
 * So long a connection is silent before the system asks each second whether it still stands; ten seconds later it does
 * not. A whole answer is waited for under no other limit than that of the call.
 */
export const SILENCE_MS = 15_000;

/**
 * Asks the system for each name once at a time. It asks for few names at once, in all of the process (the launcher says
 * how many), and for up to ten seconds each where DNS is silent: with a question for each connection one such name would
 * keep all others waiting.
 */
export function createResolver(): Resolver {
  const underWay = new Map<string, Promise<readonly LookupAddress[]>>();
  return (hostname) => {
    const known = underWay.get(hostname);
    if (known) return known;
    const asked = new Promise<readonly LookupAddress[]>((resolve, reject) => {
      dns.lookup(hostname, { all: true }, (error, found) => (error ? reject(error) : resolve(found)));
    });
    underWay.set(hostname, asked);
    const isOver = () => underWay.delete(hostname);
    asked.then(isOver, isOver);
    return asked;
  };
}

/**
 * A connection to whichever address of a host answers first. Each has until all are over: Node's own way gives one up
 * after 250 ms for the next, so that a host that is farther away, or whose first packet is lost, is never reached
 * when its last address is one of IPv6 and this machine has none.
 */
export function reachHost(options: ReachOptions, done: Reached): Endable {
  return new Reaching(options, done);
}

class Reaching implements Endable {
  readonly #done: Reached;
  readonly #port: number;
  readonly #trying = new Set<Socket>();
  #waiting: readonly LookupAddress[] | undefined;
  #failure: Error | undefined;
  #nextTimer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor({ hostname, port, resolve }: ReachOptions, done: Reached) {
    this.#done = done;
    this.#port = port;
    resolve(hostname).then(
      (addresses) => {
        if (this.#isOver) return;
        this.#waiting = inTurns(addresses);
        this.#tryNext();
      },
      (error: Error) => this.#end(error, null),
    );
  }

  destroy(error: Error): void {
    const silent = this.#waiting ? error : Object.assign(new Error('DNS did not answer.'), { code: 'EAI_AGAIN' });
    this.#end(silent, null);
  }

  #tryNext(): void {
    clearTimeout(this.#nextTimer);
    const [next, ...rest] = this.#waiting ?? [];
    this.#waiting = rest;
    if (next) this.#try(next.address);
    else if (this.#trying.size === 0) this.#end(this.#failure ?? nowhere(), null);
    if (rest.length > 0) this.#nextTimer = setTimeout(() => this.#tryNext(), NEXT_ADDRESS_MS);
  }

  #try(address: string): void {
    const socket = connect({ host: address, port: this.#port });
    this.#trying.add(socket);
    socket.setNoDelay(true).setKeepAlive(true, SILENCE_MS);
    socket.once('connect', () => {
      this.#trying.delete(socket);
      this.#end(null, socket);
    });
    // It stays for good: one that lost the race, or is handed on, may still fail.
    socket.on('error', (error) => {
      if (!this.#trying.delete(socket)) return;
      this.#failure ??= error;
      this.#tryNext();
    });
  }

  #end(...outcome: Parameters<Reached>): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#nextTimer);
    for (const socket of this.#trying) socket.destroy();
    this.#trying.clear();
    this.#done(...outcome);
  }
}

/** Both families by turns, beginning with that of the first. */
function inTurns(addresses: readonly LookupAddress[]): readonly LookupAddress[] {
  const isFirst = ({ family }: LookupAddress) => family === addresses[0]?.family;
  const [first, others] = [addresses.filter(isFirst), addresses.filter((address) => !isFirst(address))];
  return first
    .flatMap((address, index) => [address, ...others.slice(index, index + 1)])
    .concat(others.slice(first.length));
}

function nowhere(): Error {
  return Object.assign(new Error('The name has no address.'), { code: 'ENOTFOUND' });
}
