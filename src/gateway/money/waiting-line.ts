import type { Clock } from '../../core/ports.ts';
import { ResourceLine } from './resource-line.ts';
import { Ticket } from './ticket.ts';

/** What somebody waits for. */
export type Want = {
  /** A target that has no place, or a limit and its key: whoever names the same waits for the same. */
  readonly resource: string;
  /** When the clock frees something of it; absent: when somebody ends. */
  readonly freeInMs?: number;
};

export type LineQuestion = {
  /** Each has its turn, however many wait. */
  readonly tenant: string;
  /** Never empty; the first one that becomes free is enough. */
  readonly wants: readonly Want[];
  readonly signal: AbortSignal;
  /** From now, in milliseconds. */
  readonly waitMs: number;
  /** So many may wait in this process. */
  readonly max: number;
};

/** `displaced`: the line was full, and its tenant had the most in it. */
export type WaitEnd = 'turn' | 'late' | 'displaced' | 'cancelled';

/** One who waits. */
export interface Place {
  /** The resource that has given it a turn; undefined while it waits. */
  readonly turnOf: string | undefined;
  /** Resolves when it may try, or need not wait any longer. */
  turn(): Promise<WaitEnd>;
  /** The try was in vain; the place is kept. */
  stay(wants: readonly Want[]): void;
  /** To be called in any case: as soon as a try had success, so that the next one may try, or in the end. */
  leave(): void;
}

/** Requests that wait for a rate limit or for a place at a target: bounded, in time too, and fair between tenants. */
export class WaitingLine {
  readonly #clock: Clock;
  readonly #lines = new Map<string, ResourceLine<Ticket>>();
  readonly #tenants = new Map<string, Ticket[]>();
  length = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Who waits for this already? A newcomer stands behind them, also when something is free. */
  lengthAt(resource: string): number {
    return this.#lines.get(resource)?.length ?? 0;
  }

  /** When the clock frees something of what is waited for, if that is known. */
  freeInMs(resource: string): number | undefined {
    return this.#lines.get(resource)?.freeInMs;
  }

  /** Something of it was given back. */
  free(resource: string): void {
    this.#lines.get(resource)?.free();
  }

  /** Undefined when the line is full. */
  join(question: LineQuestion): Place | undefined {
    if (this.length >= question.max && !this.#makeRoom(question.tenant)) return undefined;
    const ticket = new Ticket(question, this.#clock, {
      want: (want) => this.#lineOf(want.resource).join(ticket, want.freeInMs),
      unwant: (resource) => this.#unwant(ticket, resource),
      passed: (resource) => this.#lines.get(resource)?.passed(),
      refused: (resource) => this.#lines.get(resource)?.refused(),
      left: () => this.#forget(ticket),
    });
    this.length += 1;
    this.#tenants.set(question.tenant, [...(this.#tenants.get(question.tenant) ?? []), ticket]);
    ticket.stay(question.wants);
    return ticket;
  }

  /** Whoever has most in a full line gives way to one who has less: the last who came. */
  #makeRoom(tenant: string): boolean {
    let most: readonly Ticket[] = [];
    for (const tickets of this.#tenants.values()) if (tickets.length > most.length) most = tickets;
    if (most.length <= (this.#tenants.get(tenant)?.length ?? 0) + 1) return false;
    const last = most.findLast(({ turnOf }) => turnOf === undefined);
    last?.displace();
    return last !== undefined;
  }

  #lineOf(resource: string): ResourceLine<Ticket> {
    let line = this.#lines.get(resource);
    if (!line) {
      line = new ResourceLine(this.#clock, (ticket) => ticket.giveTurn(resource));
      this.#lines.set(resource, line);
    }
    return line;
  }

  #unwant(ticket: Ticket, resource: string): void {
    const line = this.#lines.get(resource);
    line?.leave(ticket);
    if (line?.length === 0) this.#lines.delete(resource);
  }

  #forget(ticket: Ticket): void {
    this.length -= 1;
    const rest = this.#tenants.get(ticket.tenant)?.filter((other) => other !== ticket) ?? [];
    if (rest.length > 0) this.#tenants.set(ticket.tenant, rest);
    else this.#tenants.delete(ticket.tenant);
  }
}
