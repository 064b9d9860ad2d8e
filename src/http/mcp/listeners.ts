import type { OpenRequest } from '../request/open-request.ts';

/** Who listens holds a connection and a place among the requests under way, for as long as he likes. */
export const LISTENERS_MAX = 500;

/** Those who listen, counted by tenant. */
export class Listeners {
  readonly #byTenant = new Map<string, number>();
  readonly #streams = new Map<OpenRequest, AbortController>();
  #isOver: (open: OpenRequest) => boolean = () => false;

  /**
   * Aborts when the stream is to end, or its client is gone; undefined when there is no room. A tenant takes no more
   * than he leaves to others, so one alone never has all of it.
   */
  enter(open: OpenRequest): AbortSignal | undefined {
    const { caller, outgoing } = open;
    const own = this.#byTenant.get(caller.tenant) ?? 0;
    if (own >= LISTENERS_MAX - this.#streams.size) return undefined;
    const ending = new AbortController();
    if (this.#isOver(open) || outgoing.closed) ending.abort();
    if (outgoing.closed) return ending.signal;
    this.#byTenant.set(caller.tenant, own + 1);
    this.#streams.set(open, ending);
    outgoing.once('close', () => this.#leave(open));
    return ending.signal;
  }

  /** Ends the streams of which this is true, also those that only now begin. */
  end(isOver: (open: OpenRequest) => boolean): void {
    this.#isOver = isOver;
    for (const [open, ending] of this.#streams) if (isOver(open)) ending.abort();
  }

  #leave(open: OpenRequest): void {
    const { tenant } = open.caller;
    this.#streams.get(open)?.abort();
    this.#streams.delete(open);
    const left = (this.#byTenant.get(tenant) ?? 1) - 1;
    if (left > 0) this.#byTenant.set(tenant, left);
    else this.#byTenant.delete(tenant);
  }
}
