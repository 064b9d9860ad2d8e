import type { ServerResponse } from 'node:http';
import { GatewayError } from '../../core/errors.ts';
import type { SharedStates } from '../../core/ports.ts';
import type { AccessToken } from '../http-settings.ts';
import { ANSWERED } from '../plain-response.ts';
import { SharedRate } from './shared-rate.ts';
import { SharedSlots } from './shared-slots.ts';

/** What one token may do at once and in a minute, in all processes of a data folder together. */
export class TenantLimits {
  readonly #token: AccessToken;
  readonly #rate: SharedRate | undefined;
  readonly #slots: SharedSlots | undefined;

  constructor(token: AccessToken, states: SharedStates) {
    this.#token = token;
    const { requestsPerMinute, concurrency, caller } = token;
    if (requestsPerMinute !== undefined) {
      this.#rate = new SharedRate(states, `token-rate/${caller.tenant}`, requestsPerMinute);
    }
    if (concurrency !== undefined) this.#slots = new SharedSlots(states, `token-slots/${caller.tenant}`, concurrency);
  }

  /** Throws `rate_limited`. A request that is let in counts until its answer is out. */
  async admit(outgoing: ServerResponse): Promise<void> {
    const { concurrency, requestsPerMinute } = this.#token;
    if (this.#slots) {
      if (!(await this.#slots.enter())) {
        throw limited(`This token may have ${concurrency} requests under way at the same time.`, 1_000);
      }
      this.#leaveWith(outgoing, this.#slots);
    }
    const waitMs = await this.#rate?.take();
    if (waitMs !== undefined) throw limited(`This token may send ${requestsPerMinute} requests a minute.`, waitMs);
  }

  async close(): Promise<void> {
    await this.#slots?.close();
  }

  /** The client may have gone while a slot was asked for. */
  #leaveWith(outgoing: ServerResponse, slots: SharedSlots): void {
    const leave = () => {
      outgoing.off(ANSWERED, leave).off('close', leave);
      slots.leave();
    };
    if (outgoing.closed) leave();
    else outgoing.on(ANSWERED, leave).on('close', leave);
  }
}

function limited(message: string, retryAfterMs: number): GatewayError {
  return new GatewayError('rate_limited', message, { hint: 'Wait a little, then go on.', retryAfterMs });
}
