import type { Correction } from './costs.ts';
import type { ModelRef } from './model.ts';
import type { SignedNanoUsd } from './money.ts';

/** What a line of an account, or several together, come to. Absent: it does not say. */
export type AccountFigures = {
  /** All that went in, whatever its price. */
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly costNanoUsd?: SignedNanoUsd;
};

/** One line of a provider's own account of what was used. */
export type AccountLine = AccountFigures & {
  /** The provider's id of the call; absent where a line stands for many. */
  readonly requestId?: string;
  /** As the provider names it. */
  readonly model: string;
  /** When it was used, or the beginning of the time it stands for; wall clock. */
  readonly atMs?: number;
};

/** Where an account and the books do not agree. */
export type AccountDifference = {
  /** `not_booked`: only the provider has it; `not_billed`: only the books have it. */
  readonly kind: 'differs' | 'not_booked' | 'not_billed';
  readonly model: ModelRef;
  /** The call, where calls were compared. */
  readonly requestId?: string;
  /** The day, UTC, where days were compared. */
  readonly day?: string;
  readonly theirs: AccountFigures;
  /** Absent cost: its price is unknown, or its process died. */
  readonly ours: AccountFigures;
  /** What would make the books agree; absent where the account may only be incomplete. */
  readonly correction?: Correction;
};

export type AccountComparison = {
  /** Line by call where the account names calls; else sums, by day where it names times. */
  readonly by: 'request' | 'model and day' | 'model';
  readonly lines: number;
  /** Calls or sums that agree. */
  readonly equal: number;
  readonly differences: readonly AccountDifference[];
  readonly theirs: AccountFigures;
  readonly ours: Required<AccountFigures>;
};
