import type { Clock } from '../../core/ports.ts';
import type { Waiter } from './resource-line.ts';
import type { LineQuestion, Place, WaitEnd, Want } from './waiting-line.ts';

/** What a ticket tells the lines it stands in. */
export type TicketLinks = {
  readonly want: (want: Want) => void;
  readonly unwant: (resource: string) => void;
  readonly passed: (resource: string) => void;
  readonly refused: (resource: string) => void;
  /** Called once, when it waits no longer. */
  readonly left: () => void;
};

/** One request that waits. It stands in the line of each thing it wants, and keeps its places while it tries. */
export class Ticket implements Place, Waiter {
  readonly tenant: string;
  turnOf: string | undefined;
  readonly #links: TicketLinks;
  readonly #signal: AbortSignal;
  readonly #cancelTimer: () => void;
  #wants: readonly string[] = [];
  /** Why it waits no longer, whatever becomes of its try. */
  #over: Exclude<WaitEnd, 'turn'> | undefined;
  #tell: ((end: WaitEnd) => void) | undefined;
  #hasLeft = false;

  constructor({ tenant, signal, waitMs }: LineQuestion, clock: Clock, links: TicketLinks) {
    this.tenant = tenant;
    this.#links = links;
    this.#signal = signal;
    this.#cancelTimer = clock.wakeAfter(waitMs, () => this.#end('late'));
    if (signal.aborted) this.#over = 'cancelled';
    else signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  turn(): Promise<WaitEnd> {
    if (this.turnOf !== undefined) return Promise.resolve('turn');
    if (this.#over) return Promise.resolve(this.#over);
    return new Promise((resolve) => {
      this.#tell = resolve;
    });
  }

  giveTurn(resource: string): void {
    this.turnOf = resource;
    this.#tell?.('turn');
  }

  stay(wants: readonly Want[]): void {
    const { turnOf } = this;
    this.turnOf = undefined;
    const kept = this.#over ? [] : wants;
    const resources = kept.map(({ resource }) => resource);
    for (const resource of this.#wants) if (!resources.includes(resource)) this.#links.unwant(resource);
    this.#wants = resources;
    for (const want of kept) this.#links.want(want);
    if (turnOf !== undefined) this.#links.refused(turnOf);
  }

  leave(): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.#cancelTimer();
    this.#signal.removeEventListener('abort', this.#onAbort);
    for (const resource of this.#wants) this.#links.unwant(resource);
    this.#links.left();
    // Also without success: whoever is next may have more.
    if (this.turnOf !== undefined) this.#links.passed(this.turnOf);
  }

  displace(): void {
    this.#end('displaced');
  }

  readonly #onAbort = () => this.#end('cancelled');

  #end(why: Exclude<WaitEnd, 'turn'>): void {
    this.#over ??= why;
    // Who tries at the moment finds out when that was in vain.
    if (this.turnOf !== undefined) return;
    this.leave();
    this.#tell?.(this.#over);
  }
}
