import type { ServerResponse } from 'node:http';

/** Who listens holds a connection and a place among the requests under way, for as long as he likes. */
export const LISTENERS_MAX = 500;

/** Counts who listens, by tenant. */
export class Listeners {
  readonly #byTenant = new Map<string, number>();
  #all = 0;

  /** False when there is no room. A tenant takes no more than he leaves to others, so one alone never has all of it. */
  enter(tenant: string, outgoing: ServerResponse): boolean {
    const own = this.#byTenant.get(tenant) ?? 0;
    if (own >= LISTENERS_MAX - this.#all) return false;
    if (outgoing.closed) return true;
    this.#byTenant.set(tenant, own + 1);
    this.#all += 1;
    outgoing.once('close', () => this.#leave(tenant));
    return true;
  }

  #leave(tenant: string): void {
    this.#all -= 1;
    const left = (this.#byTenant.get(tenant) ?? 1) - 1;
    if (left > 0) this.#byTenant.set(tenant, left);
    else this.#byTenant.delete(tenant);
  }
}
