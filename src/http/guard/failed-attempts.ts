import { RateLimiterMemory } from 'rate-limiter-flexible';
import { GatewayError } from '../../core/errors.ts';

/** Sources share this many counters, so that a million of them need no more memory. */
const BUCKETS = 4_096;
const FAILURES_MAX = 20;
const WINDOW_S = 60;

/**
 * Slows down whoever tries tokens. After too many wrong ones from an address, no token of a tenant that was not
 * right from there before is even looked at for the rest of the minute: a guess cannot be told from a hit.
 */
export class FailedAttempts {
  readonly #failures = new RateLimiterMemory({ points: FAILURES_MAX, duration: WINDOW_S });
  /** Per tenant a bit for each bucket it was right from. */
  readonly #known = new Map<string, Uint8Array>();

  /** Counts a wrong token. */
  async count(address: string): Promise<void> {
    // A rejection says no more than that there are too many.
    await this.#failures.consume(String(bucketOf(address))).catch(() => undefined);
  }

  /** Throws `rate_limited` when the address has to wait. */
  async refuseFlooder(address: string): Promise<void> {
    const state = await this.#failures.get(String(bucketOf(address)));
    if (!state || state.consumedPoints < FAILURES_MAX) return;
    throw new GatewayError('rate_limited', 'There were too many wrong tokens from this address.', {
      hint: 'Wait, and send the right one.',
      retryAfterMs: state.msBeforeNext,
    });
  }

  isKnown(tenant: string, address: string): boolean {
    const bucket = bucketOf(address);
    return ((this.#known.get(tenant)?.[bucket >> 3] ?? 0) & (1 << (bucket & 7))) !== 0;
  }

  remember(tenant: string, address: string): void {
    const bucket = bucketOf(address);
    let bits = this.#known.get(tenant);
    if (!bits) {
      bits = new Uint8Array(BUCKETS / 8);
      this.#known.set(tenant, bits);
    }
    bits[bucket >> 3] = (bits[bucket >> 3] ?? 0) | (1 << (bucket & 7));
  }
}

/** FNV-1a over the source. */
function bucketOf(address: string): number {
  const source = sourceOf(address);
  let code = 0x811c9dc5;
  for (let at = 0; at < source.length; at += 1) code = Math.imul(code ^ source.charCodeAt(at), 0x01000193);
  return (code >>> 0) % BUCKETS;
}

const GROUPS = 8;
const NETWORK_GROUPS = 4;

/** Of IPv6 the network alone, since one machine has the whole of it; of IPv4 the address, also in the clothes of IPv6. */
function sourceOf(address: string): string {
  if (address.includes('.')) return address.slice(address.lastIndexOf(':') + 1);
  const [head = [], tail = []] = address.split('::').map((part) => part.split(':'));
  const zeros = new Array<string>(Math.max(0, GROUPS - head.length - tail.length)).fill('0');
  const groups = [...head, ...zeros, ...tail].slice(0, NETWORK_GROUPS);
  return groups.map((group) => Number.parseInt(group || '0', 16)).join(':');
}
