import type { LoadedConfig } from '../config/load-config.ts';
import type { AccountComparison, AccountLine } from '../core/account.ts';
import type { Correction } from '../core/costs.ts';
import { type AccountOptions, compareAccount, toUsedRow, type UsedRow } from '../gateway/compare-account.ts';
import { openFoundation } from './foundation.ts';

/** The books alone, without an engine: to compare them with a provider's account, and to correct them. */
export type Reconciliation = {
  /** How many counters of limits were wrong when the books were opened; undefined when they could not be checked. */
  countersMended(): Promise<number | undefined>;
  /** Throws `invalid_request` for an account of which only some lines name a call. */
  compare(lines: readonly AccountLine[], options: AccountOptions): Promise<AccountComparison>;
  /** Returns how many were new. */
  book(corrections: readonly Correction[]): Promise<number>;
  close(): Promise<void>;
};

/** Longer than requests last. */
const REQUEST_MAX_MS = 86_400_000;

export async function openReconciliation(config: LoadedConfig): Promise<Reconciliation> {
  const { store } = await openFoundation(config, { levelDefault: 'warn' });
  return {
    countersMended: () => store.countersMended(),
    async compare(lines, options) {
      const { fromMs, toMs } = options.span;
      const rows: UsedRow[] = [];
      // Found by when its request began, which may be a while before the call.
      const span = { fromMs: Math.max(0, fromMs - REQUEST_MAX_MS), toMs };
      for await (const row of store.ledger.costRows(span)) {
        const used = toUsedRow(row, options);
        if (used) rows.push(used);
      }
      return compareAccount(lines, rows, options);
    },
    book: (corrections) => store.ledger.recordCorrections(corrections),
    close: () => store.close(),
  };
}
