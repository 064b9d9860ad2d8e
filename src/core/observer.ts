import type { AttemptSummary, RequestCache, RequestStart, RequestStatus } from './books.ts';
import type { ErrorCode } from './error-codes.ts';
import type { ModelRef } from './model.ts';
import type { NanoUsd } from './money.ts';
import type { RoutePlan } from './route-plan.ts';
import type { Usage } from './usage.ts';
import type { Verification } from './verification.ts';

/** One request that ended, with the decision that led it. Holds no content. */
export type RequestEvent = Pick<RequestStart, 'id' | 'startedAtMs' | 'kind' | 'tenant' | 'client'> & {
  readonly status: RequestStatus;
  readonly cache: RequestCache;
  readonly streamed: boolean;
  readonly plan: Pick<
    RoutePlan,
    'candidates' | 'strategy' | 'tier' | 'task' | 'rule' | 'reason' | 'configHash' | 'pacing' | 'isPinned'
  >;
  /** The model that answered. */
  readonly model?: ModelRef | undefined;
  /** Why the plan's first candidate did not answer, when another one had to. */
  readonly fallbackReason?: ErrorCode | undefined;
  readonly attempts: readonly AttemptSummary[];
  readonly latencyMs: number;
  /** From the request's start to its first content. */
  readonly firstTokenMs?: number | undefined;
  /** Of the answer, also of one that was cut; without one of the last attempt that used anything. */
  readonly usage?: Usage | undefined;
  /** Of all attempts; absent when one of unknown price may have been billed. */
  readonly costNanoUsd?: NanoUsd | undefined;
  readonly error?: ErrorCode | undefined;
  /** How the check of its answer went; absent without one. */
  readonly verification?: Verification | undefined;
  /** W3C trace context of the caller. */
  readonly traceparent?: string | undefined;
  /** Where it came in; see `CallerInfo.entry`. */
  readonly entry?: string | undefined;
};

/** Hears what happens, for metrics, log and traces. Never throws, never waits. */
export interface Observer {
  requestEnded(event: RequestEvent): void;
}
