import type { ServerResponse } from 'node:http';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { GatewayError } from '../../core/errors.ts';
import type { AccessToken } from '../http-settings.ts';

const MINUTE_S = 60;

/** What one token may do at once and in a minute. */
export class TenantLimits {
  readonly #token: AccessToken;
  readonly #rate: RateLimiterMemory | undefined;
  #running = 0;

  constructor(token: AccessToken) {
    this.#token = token;
    const { requestsPerMinute: points } = token;
    this.#rate = points === undefined ? undefined : new RateLimiterMemory({ points, duration: MINUTE_S });
  }

  /** Throws `rate_limited`. A request that is let in counts until its answer is out. */
  async admit(outgoing: ServerResponse): Promise<void> {
    const { concurrency, requestsPerMinute } = this.#token;
    if (concurrency !== undefined && this.#running >= concurrency) {
      throw limited(`This token may have ${concurrency} requests under way at the same time.`, 1_000);
    }
    if (concurrency !== undefined) {
      this.#running += 1;
      outgoing.once('close', () => {
        this.#running -= 1;
      });
    }
    try {
      await this.#rate?.consume('all');
    } catch (reason) {
      if (!(reason instanceof RateLimiterRes)) throw reason;
      throw limited(`This token may send ${requestsPerMinute} requests a minute.`, reason.msBeforeNext);
    }
  }
}

function limited(message: string, retryAfterMs: number): GatewayError {
  return new GatewayError('rate_limited', message, { hint: 'Wait a little, then go on.', retryAfterMs });
}
