import type { ErrorCode } from './error-codes.ts';
import type { AttemptId, CallId } from './ids.ts';
import type { ModelRef, ProviderId } from './model.ts';
import type { NanoUsd, SignedNanoUsd } from './money.ts';
import type { QuotaClaim } from './quota.ts';
import type { Strategy, Task, Tier } from './request.ts';
import type { Usage } from './usage.ts';
import type { AttemptRole, Verification } from './verification.ts';

export type RequestStatus = 'success' | 'failed' | 'truncated' | 'cancelled';
export type RequestCache = 'hit' | 'miss' | 'refresh' | 'off' | 'coalesced';
export type AttemptStatus = 'pending' | 'settled' | 'failed_unbilled' | 'truncated' | 'cancelled' | 'unknown';

/** A request as it starts: booked before anything else happens. */
export type RequestStart = {
  readonly id: CallId;
  readonly startedAtMs: number;
  readonly kind: 'chat' | 'embed';
  readonly tenant: string;
  readonly client: string;
  readonly team?: string | undefined;
  readonly user?: string | undefined;
  /** What the caller said of the request. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly tier?: Tier | undefined;
  readonly task?: Task | undefined;
  readonly strategy: Strategy;
  readonly rule?: string | undefined;
  readonly cache: RequestCache;
  readonly configHash: string;
};

/** An attempt before its bytes leave. */
export type AttemptStart = {
  readonly id: AttemptId;
  readonly requestId: CallId;
  readonly startedAtMs: number;
  readonly provider: ProviderId;
  readonly model: ModelRef;
  readonly key: string;
  /** When a pending attempt of a dead process counts as `unknown`. */
  readonly expiresAtMs: number;
  readonly priceVersion?: string | undefined;
  /** Absent: for the answer itself. */
  readonly role?: AttemptRole | undefined;
  /** By estimate; absent when the price is unknown. */
  readonly expectedNanoUsd?: NanoUsd | undefined;
  /** The most it can cost; absent when the price is unknown. */
  readonly reservedNanoUsd?: NanoUsd | undefined;
  /** What it wants of budgets and rate limits. */
  readonly claims?: readonly QuotaClaim[] | undefined;
};

/** How an attempt ended. Cost is absent when the price is unknown, never 0 for unknown. */
export type AttemptOutcome = {
  readonly status: Exclude<AttemptStatus, 'pending'>;
  readonly usage: Usage;
  readonly costNanoUsd?: NanoUsd | undefined;
  /** So much more may turn out to be billed: budgets keep it held, within what was reserved. Absent: nothing more. */
  readonly unseenNanoUsd?: NanoUsd | undefined;
  readonly latencyMs: number;
  /** From sending to the first content, when there was any. */
  readonly firstTokenMs?: number | undefined;
  readonly error?: ErrorCode | undefined;
  readonly providerRequestId?: string | undefined;
};

/** How a request ended. Its cost is the sum of its attempts. */
export type RequestEnd = {
  readonly status: RequestStatus;
  readonly cache: RequestCache;
  readonly latencyMs: number;
  readonly model?: ModelRef | undefined;
  readonly error?: ErrorCode | undefined;
  /** What the cached or shared answer would have cost. */
  readonly savedNanoUsd?: NanoUsd | undefined;
  /** The request that made the upstream call for this one. */
  readonly coalescedInto?: CallId | undefined;
  /** How the check of its answer went; absent without one. */
  readonly verification?: Verification | undefined;
};

/** An attempt as it is read: without what only limits and reports of costs go by. */
export type AttemptRecord = Omit<AttemptStart, 'expectedNanoUsd' | 'reservedNanoUsd' | 'claims'> &
  Partial<Omit<AttemptOutcome, 'status' | 'unseenNanoUsd'>> & {
    readonly status: AttemptStatus;
    /** What corrections added to its cost since; absent without one that tells a cost. */
    readonly correctedNanoUsd?: SignedNanoUsd;
  };

export type RequestRecord = RequestStart &
  Partial<Omit<RequestEnd, 'status'>> & {
    /** Absent while the request runs. */
    readonly status?: RequestStatus;
    /** As corrected. Null when an attempt that may have been billed has no known price. */
    readonly costNanoUsd: SignedNanoUsd | null;
    readonly attempts: readonly AttemptRecord[];
  };

/** Which requests are read: so many of the newest, or the one of that id. */
export type RequestLogQuery = { readonly limit: number; readonly id?: string };

/** Recent traffic of one provider, from its attempts. */
export type ProviderTraffic = {
  readonly provider: ProviderId;
  readonly requests: number;
  readonly failures: number;
  readonly latencyMsP50?: number;
  readonly latencyMsP95?: number;
};

/** One try as the caller sees it. `not_sent`: no byte left, so the books have no row for it. */
export type AttemptSummary = {
  readonly model: ModelRef;
  /** What the vendor calls the model that answered: often a dated name. */
  readonly responseModel?: string | undefined;
  readonly key: string;
  /** Absent: for the answer itself. */
  readonly role?: AttemptRole | undefined;
  readonly status: AttemptStatus | 'not_sent';
  readonly error?: ErrorCode | undefined;
  readonly message?: string | undefined;
  readonly startedAtMs: number;
  readonly latencyMs: number;
  /** From sending to the first content, when there was any. */
  readonly firstTokenMs?: number | undefined;
  readonly usage?: Usage | undefined;
  /** Absent when its price is unknown. */
  readonly costNanoUsd?: NanoUsd | undefined;
  /** The answer was cut to so many tokens, since a budget had no more left. */
  readonly outputTokensCut?: number | undefined;
};
