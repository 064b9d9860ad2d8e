import type { ServerResponse } from 'node:http';
import { GatewayError } from '../../core/errors.ts';
import type { SharedStates } from '../../core/ports.ts';
import type { AccessToken } from '../http-settings.ts';
import { ANSWERED } from '../plain-response.ts';
import { SharedRate } from './shared-rate.ts';
import { SharedSlots } from './shared-slots.ts';

/** What one tenant does at once and in a minute, in all processes of a data folder together. */
export class TenantLimits {
  readonly #rate: SharedRate;
  readonly #slots: SharedSlots;

  constructor(tenant: string, states: SharedStates) {
    this.#rate = new SharedRate(states, `token-rate/${tenant}`);
    this.#slots = new SharedSlots(states, `token-slots/${tenant}`);
  }

  /** Throws `rate_limited` beyond what its token may do now. A request that is let in counts until its answer is out. */
  async admit(outgoing: ServerResponse, { concurrency, requestsPerMinute }: AccessToken): Promise<void> {
    if (concurrency !== undefined) {
      if (!(await this.#slots.enter(concurrency))) {
        throw limited(`This token may have ${concurrency} requests under way at the same time.`, 1_000);
      }
      this.#leaveWith(outgoing);
    }
    if (requestsPerMinute === undefined) return;
    const waitMs = await this.#rate.take(requestsPerMinute);
    if (waitMs !== undefined) throw limited(`This token may send ${requestsPerMinute} requests a minute.`, waitMs);
  }

  close(): Promise<void> {
    return this.#slots.close();
  }

  /** The client may have gone while a slot was asked for. */
  #leaveWith(outgoing: ServerResponse): void {
    const leave = () => {
      outgoing.off(ANSWERED, leave).off('close', leave);
      this.#slots.leave();
    };
    if (outgoing.closed) leave();
    else outgoing.on(ANSWERED, leave).on('close', leave);
  }
}

function limited(message: string, retryAfterMs: number): GatewayError {
  return new GatewayError('rate_limited', message, { hint: 'Wait a little, then go on.', retryAfterMs });
}
