import type { LoadedConfig } from '../config/load-config.ts';
import type { Correction, CostRow } from '../core/costs.ts';
import { openFoundation } from './foundation.ts';

/** The books alone, without an engine: to compare them with a provider's account, and to correct them. */
export type Reconciliation = {
  /** How many counters of limits were wrong when the books were opened; undefined when they could not be checked. */
  countersMended(): Promise<number | undefined>;
  rows(span: { readonly fromMs: number; readonly toMs: number }): AsyncIterable<CostRow>;
  /** Returns how many were new. */
  book(corrections: readonly Correction[]): Promise<number>;
  close(): Promise<void>;
};

export async function openReconciliation(config: LoadedConfig): Promise<Reconciliation> {
  const { store } = await openFoundation(config, { levelDefault: 'warn' });
  return {
    countersMended: () => store.countersMended(),
    rows: (span) => store.ledger.costRows(span),
    book: (corrections) => store.ledger.recordCorrections(corrections),
    close: () => store.close(),
  };
}
