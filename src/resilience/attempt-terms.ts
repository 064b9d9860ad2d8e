import type { ErrorCode } from '../core/error-codes.ts';
import type { NanoUsd } from '../core/money.ts';
import type { QuotaClaim, QuotaRefusal } from '../core/quota.ts';

/**
 * On which terms budgets and rate limits let an attempt be made with one key. What it may take of the request's own
 * budgets is taken as soon as the terms are given, since another attempt may run beside it: `dropped` gives it back.
 */
export type AttemptTerms = {
  readonly claims: readonly QuotaClaim[];
  /** Absent when the price is unknown. */
  readonly expectedNanoUsd?: NanoUsd | undefined;
  /** The most it can cost when nothing cuts it; absent when the price is unknown. */
  readonly mostNanoUsd?: NanoUsd | undefined;
  /** The longest answer, given what was granted; absent: nothing cuts it. */
  readonly outputTokensMax: (grantedNanoUsd: NanoUsd | undefined) => OutputCut | undefined;
  /** It was booked with so much, and begins. */
  readonly begun: (grantedNanoUsd: NanoUsd | undefined) => void;
  /** It ended and cost so much, undefined when nobody knows; and so much more may turn out to be billed. */
  readonly ended: (costNanoUsd: NanoUsd | undefined, unseenNanoUsd?: NanoUsd) => void;
  /** It was not made after all: not let in, or nothing was sent. */
  readonly dropped: () => void;
};

/** How long an answer may be, in tokens, and whether that is less than it would be without budgets. */
export type OutputCut = { readonly outputTokensMax: number; readonly isCut: boolean };

/** Why an attempt is not made, before anything was booked or sent. */
export type TermsRefusal = {
  readonly code: Extract<ErrorCode, 'budget_exceeded' | 'price_unknown' | 'rate_limited' | 'provider_overloaded'>;
  /** One clause for people. */
  readonly reason: string;
  /** Until the clock alone has freed enough, in milliseconds; absent: never. */
  readonly retryAfterMs?: number;
  readonly refusals: readonly QuotaRefusal[];
  /** Of `provider_overloaded`: the target has as many requests as it takes now, and one may wait for this. */
  readonly place?: string;
};

/** What limits have to say of the attempts of one candidate. */
export interface Terms {
  /** For an attempt with this key, now. */
  of(keyName: string): AttemptTerms | TermsRefusal;
  /** The same in words, of what the books refused. */
  refused(refusals: readonly QuotaRefusal[]): TermsRefusal;
  /** An attempt was let in on these terms, and begins. Absent: nobody waits for that. */
  letIn?(own: AttemptTerms): void;
  /** The attempts of the candidate are over and booked: what they held is free. Absent: nobody waits for that. */
  over?(): void;
}

export function isTermsRefusal(terms: AttemptTerms | TermsRefusal): terms is TermsRefusal {
  return 'code' in terms;
}
