import type { ModelRef } from '../../../src/core/model.ts';

/** What a vendor answers, as it publishes it, and what its price list makes of it. */
export type Invoice = {
  readonly of: string;
  readonly model: ModelRef;
  readonly usage: object;
  /** Beside the usage, at the top of the answer. */
  readonly served?: string;
  /** Whole nano-dollars by the vendor's price list; absent: it has no price for this. */
  readonly costNanoUsd?: number;
  /** What the independent calculation reads: its name of the dialect; absent where it is wrong or has no such class. */
  readonly flavor?: string;
};
