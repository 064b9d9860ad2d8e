import type { Session } from './session.ts';
import type { SessionLimits } from './session-limits.ts';

const SWEEP_MS_MAX = 60_000;

/** Why there is no room for one more. */
export type Crowd = 'tenant' | 'server';

/**
 * The sessions of the older era, bounded in number, idle time and life. Room is made by ending the
 * least missed: those never used, then those longest idle; never one that works.
 */
export class Sessions {
  readonly #limits: SessionLimits;
  readonly #nowMs: () => number;
  readonly #sessions = new Map<string, Session>();
  #sweep: NodeJS.Timeout | undefined;

  constructor(limits: SessionLimits, nowMs: () => number) {
    this.#limits = limits;
    this.#nowMs = nowMs;
  }

  get size(): number {
    return this.#sessions.size;
  }

  all(): readonly Session[] {
    return [...this.#sessions.values()];
  }

  /** Undefined for an id that is unknown, expired, or another tenant's. */
  find(id: string, tenant: string): Session | undefined {
    const session = this.#sessions.get(id);
    if (session?.tenant !== tenant) return undefined;
    if (!this.#isExpired(session)) return session;
    if (!session.isBusy) this.#end(session);
    return undefined;
  }

  /** Makes room for one more session of the tenant; says who crowds it out when it cannot. */
  makeRoom(tenant: string): Crowd | undefined {
    const own = this.all().filter((session) => session.tenant === tenant);
    if (own.length >= this.#limits.sessionsPerTenantMax && !this.#endLeastMissed(own)) return 'tenant';
    if (this.size >= this.#limits.sessionsMax && !this.#endLeastMissed(this.all())) return 'server';
    return undefined;
  }

  add(session: Session): void {
    this.#sessions.set(session.id, session);
    const sweepMs = Math.min(this.#limits.idleMs, SWEEP_MS_MAX);
    this.#sweep ??= setInterval(() => this.sweep(), sweepMs).unref();
  }

  remove(session: Session): void {
    this.#sessions.delete(session.id);
    if (this.size > 0) return;
    clearInterval(this.#sweep);
    this.#sweep = undefined;
  }

  /** Ends the sessions of these tenants; what works is left until it is done. */
  endOf(isGone: (tenant: string) => boolean): void {
    for (const session of this.all()) if (isGone(session.tenant)) session.isWithdrawn = true;
    this.sweep();
  }

  /** Ends what has expired; what works is left until it is done. */
  sweep(): void {
    for (const session of this.all()) {
      if (this.#isExpired(session) && !session.isBusy) this.#end(session);
      else session.expireAnswers();
    }
  }

  #isExpired(session: Session): boolean {
    const nowMs = this.#nowMs();
    if (session.isWithdrawn || nowMs - session.openedAtMs >= this.#limits.lifetimeMs) return true;
    return !session.isBusy && nowMs - session.lastUsedAtMs >= this.#limits.idleMs;
  }

  #endLeastMissed(among: readonly Session[]): boolean {
    const idle = among.filter(({ isBusy }) => !isBusy);
    const least = idle.reduce<Session | undefined>(
      (found, session) => (found === undefined || isLessMissed(session, found) ? session : found),
      undefined,
    );
    if (least === undefined) return false;
    this.#end(least);
    return true;
  }

  #end(session: Session): void {
    this.remove(session);
    session.close().catch(() => {});
  }
}

function isLessMissed(one: Session, other: Session): boolean {
  return one.used === other.used ? one.lastUsedAtMs < other.lastUsedAtMs : other.used;
}
