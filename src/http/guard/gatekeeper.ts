import type { IncomingMessage } from 'node:http';
import type { SharedStates } from '../../core/ports.ts';
import type { CallerInfo } from '../../core/request.ts';
import type { AccessToken, HttpSettings } from '../http-settings.ts';
import type { Route } from '../http-types.ts';
import type { OpenRequest } from '../request/open-request.ts';
import { presentedToken, TokenBook, unauthenticated } from './authenticate.ts';
import { describeCaller } from './caller.ts';
import { type AddressReader, createAddressReader } from './caller-address.ts';
import { FailedAttempts } from './failed-attempts.ts';
import { TenantLimits } from './tenant-limits.ts';

/** Who everybody is where nobody has to show a token. */
const LOCAL = 'local';

/** Lets a request in to its handler, or throws why not. */
export class Gatekeeper {
  readonly #book: TokenBook | undefined;
  readonly #addressOf: AddressReader;
  readonly #failed: FailedAttempts;
  readonly #tenants: ReadonlySet<string>;
  /** By tenant. */
  readonly #limits = new Map<string, TenantLimits>();

  /** `before`: whose place it takes. What callers have used up, and who was right from where, goes on counting. */
  constructor({ tokens, trustedProxies }: HttpSettings, states: SharedStates, before?: Gatekeeper) {
    this.#addressOf = createAddressReader(trustedProxies);
    this.#failed = before ? before.#failed : new FailedAttempts();
    this.#tenants = new Set(tokens === 'open' ? [LOCAL] : tokens.map(tenantOf));
    if (tokens === 'open') return;
    this.#book = new TokenBook(tokens);
    for (const token of tokens) {
      const isLimited = token.requestsPerMinute !== undefined || token.concurrency !== undefined;
      const tenant = tenantOf(token);
      if (isLimited) this.#limits.set(tenant, (before ?? this).#limits.get(tenant) ?? new TenantLimits(tenant, states));
    }
  }

  /** Other processes get at once what this one kept for its callers. */
  async close(): Promise<void> {
    await Promise.all([...this.#limits.values()].map((limits) => limits.close()));
  }

  /** Nothing to wait for is the usual case: a right token without limits, not the first time. */
  admit(open: OpenRequest, route: Route): Promise<void> | undefined {
    if (route.access === 'open') return undefined;
    const { incoming } = open;
    if (!this.#book) {
      open.letIn(describeCaller({ tenant: LOCAL }, route, incoming.headers));
      return undefined;
    }
    const token = this.#book.find(presentedToken(incoming, open.dialect));
    const address = this.#addressOf(incoming);
    const isKnown = token !== undefined && this.#failed.isKnown(tenantOf(token), address);
    if (!isKnown || this.#limits.has(tenantOf(token)))
      return this.#admitLater(open, route, { token, address, isKnown });
    open.letIn(describeCaller(token.caller, route, incoming.headers));
    return undefined;
  }

  /** Would a request that was let in not be let in again, or as another tenant? */
  isWithdrawn({ incoming, dialect, caller }: OpenRequest): boolean {
    try {
      const tenant = this.#book ? this.#book.find(presentedToken(incoming, dialect))?.caller.tenant : LOCAL;
      return tenant !== caller.tenant;
    } catch {
      return true;
    }
  }

  hasTenant(tenant: string): boolean {
    return this.#tenants.has(tenant);
  }

  /** Whom a request counts for where it has to wait its turn. Strangers are one together; nothing is held against them here. */
  groupOf(incoming: IncomingMessage): string {
    try {
      // Whatever the route: a key in either header is that of its tenant.
      return this.#book?.find(presentedToken(incoming, 'anthropic'))?.caller.tenant ?? '';
    } catch {
      return '';
    }
  }

  async #admitLater(open: OpenRequest, route: Route, { token, address, isKnown }: Shown): Promise<void> {
    const { incoming, outgoing } = open;
    if (!isKnown) await this.#failed.refuseFlooder(address);
    if (!token) {
      await this.#failed.count(address);
      throw unauthenticated('The token is not known here.');
    }
    this.#failed.remember(tenantOf(token), address);
    await this.#limits.get(tenantOf(token))?.admit(outgoing, token);
    open.letIn(describeCaller(token.caller, route, incoming.headers));
  }
}

/** What a request showed: `token` is undefined for a wrong one, `isKnown` when it was right from there before. */
type Shown = { readonly token: AccessToken | undefined; readonly address: string; readonly isKnown: boolean };

function tenantOf({ caller }: { readonly caller: Pick<CallerInfo, 'tenant'> }): string {
  return caller.tenant;
}
