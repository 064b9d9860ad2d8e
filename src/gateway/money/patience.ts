import type { Limits } from '../../core/limits.ts';
import type { Clock } from '../../core/ports.ts';
import { limitId, NO_QUOTA_USE, type QuotaClaim, type QuotaRefusal } from '../../core/quota.ts';
import type { CallerInfo } from '../../core/request.ts';
import type { Candidate } from '../../core/route-plan.ts';
import { type AttemptTerms, isTermsRefusal, type Terms, type TermsRefusal } from '../../resilience/attempt-terms.ts';
import type { CallFrame } from '../../resilience/call-frame.ts';
import type { Place, WaitingLine, Want } from './waiting-line.ts';

export type PatienceParts = {
  readonly line: WaitingLine;
  readonly clock: Clock;
  readonly limits: Pick<Limits, 'queue'>;
};

export type Impatient = {
  readonly tenant: string;
  readonly signal: AbortSignal;
  /** The end of the call, on the monotonic clock. */
  readonly endsAtMs: number;
  readonly mayWait: boolean;
};

type Held = { readonly candidate: Candidate; readonly wants: readonly Want[] };

/**
 * How one request waits for rate limits and places: once, so long in all. While it has a turn it goes past those who
 * wait; a newcomer does not, although something may be free.
 */
export class Patience {
  readonly #parts: PatienceParts;
  readonly #whose: Impatient;
  /** Of the waiting, not of the call; set when it begins. */
  #untilMs: number | undefined;
  #place: Place | undefined;
  #held: Held[] = [];
  #hasTurn = false;

  constructor(parts: PatienceParts, whose: Impatient) {
    this.#parts = parts;
    this.#whose = whose;
  }

  /** It waited, and may try. */
  get hasTurn(): boolean {
    return this.#hasTurn;
  }

  /** Keeps a candidate that was refused, if to wait for it may help. */
  hold(candidate: Candidate, refusal: TermsRefusal): void {
    const wants = this.#wantsAfter(refusal);
    if (wants.length > 0) this.#held.push({ candidate, wants });
  }

  /** Waits until one of those kept may be tried again; none when the wait was in vain. */
  async next(): Promise<readonly Candidate[]> {
    const held = this.#held;
    this.#held = [];
    this.#hasTurn = false;
    if (held.length === 0) return [];
    const wants = held.flatMap((one) => one.wants);
    if (this.#place) this.#place.stay(wants);
    else this.#place = this.#join(wants);
    this.#hasTurn = (await this.#place?.turn()) === 'turn';
    if (!this.#hasTurn) {
      this.leave();
      return [];
    }
    // For the others it is not its turn.
    const turnOf = this.#place?.turnOf;
    const isNow = ({ wants }: Held) => wants.some(({ resource }) => resource === turnOf);
    this.#held = held.filter((one) => !isNow(one));
    return held.filter(isNow).map(({ candidate }) => candidate);
  }

  /** It is let in, or gives up: the next one may try. */
  leave(): void {
    this.#place?.leave();
    this.#place = undefined;
  }

  /** The same terms for one that may have to stand behind others; what it frees in the end is told to them. */
  guard(terms: Terms, goesOn = false): Terms {
    const used: QuotaClaim[] = [];
    let hasBegun = goesOn;
    return {
      of: (keyName) => {
        const own = terms.of(keyName);
        if (isTermsRefusal(own) || hasBegun || this.#hasTurn) return own;
        const behind = this.#standBehind(own);
        if (behind) own.dropped();
        return behind ?? own;
      },
      refused: (refusals) => terms.refused(refusals),
      letIn: ({ claims }) => {
        hasBegun = true;
        for (const claim of claims) if (claim.unit !== 'nano_usd') used.push(claim);
        this.leave();
      },
      over: () => {
        for (const claim of used) this.#parts.line.free(limitId(claim));
      },
    };
  }

  #wantsAfter({ code, refusals, place }: TermsRefusal): readonly Want[] {
    if (place !== undefined) return [{ resource: place }];
    if (code !== 'rate_limited' || !refusals.every((one) => this.#mayPass(one))) return [];
    const nowMs = this.#parts.clock.nowMs();
    return refusals.map(({ claim, freeAtMs }) => ({
      resource: limitId(claim),
      ...(freeAtMs !== undefined && { freeInMs: Math.max(0, freeAtMs - nowMs) }),
    }));
  }

  #join(wants: readonly Want[]): Place | undefined {
    const { line, limits, clock } = this.#parts;
    const { tenant, signal } = this.#whose;
    const waitMs = this.#waitUntilMs() - clock.monotonicMs();
    if (waitMs <= 0 || !this.#whose.mayWait) return undefined;
    return line.join({ tenant, wants, signal, waitMs, max: limits.queue.max });
  }

  #waitUntilMs(): number {
    const { clock, limits } = this.#parts;
    this.#untilMs ??= Math.min(clock.monotonicMs() + limits.queue.waitMs, this.#whose.endsAtMs);
    return this.#untilMs;
  }

  /** Will the clock free it in time, or may somebody who ends? */
  #mayPass({ claim, use, freeAtMs }: QuotaRefusal): boolean {
    if (claim.amountMin > claim.limit) return false;
    if (claim.unit === 'concurrency') return true;
    if (freeAtMs === undefined) return false;
    const { clock } = this.#parts;
    const isInTime = freeAtMs - clock.nowMs() <= this.#waitUntilMs() - clock.monotonicMs();
    return isInTime || (claim.unit !== 'requests' && use.reserved > 0);
  }

  /** It is in time for a newcomer if it is for those who wait already. */
  #standBehind({ claims }: AttemptTerms): TermsRefusal | undefined {
    const { line, clock } = this.#parts;
    const refusals = claims
      .filter((claim) => claim.unit !== 'nano_usd' && line.lengthAt(limitId(claim)) > 0)
      .map((claim) => ({
        claim,
        use: NO_QUOTA_USE,
        freeAtMs: clock.nowMs() + (line.freeInMs(limitId(claim)) ?? SHORTLY_MS),
      }));
    const [first] = refusals;
    if (!first) return undefined;
    return {
      code: 'rate_limited',
      reason: `others wait for the ${first.claim.quota} already`,
      retryAfterMs: Math.max(...refusals.map(({ freeAtMs }) => freeAtMs)) - clock.nowMs(),
      refusals,
    };
  }
}

/** How this request waits; one that is only a part of another does not. */
export function patienceOf(
  parts: PatienceParts,
  { tenant }: CallerInfo,
  { signal, endsAtMs, role }: CallFrame,
): Patience {
  return new Patience(parts, { tenant, signal, endsAtMs, mayWait: role === undefined });
}

const SHORTLY_MS = 1_000;
