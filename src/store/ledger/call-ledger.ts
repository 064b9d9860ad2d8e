import type {
  AttemptOutcome,
  AttemptStart,
  ProviderTraffic,
  RequestEnd,
  RequestLogQuery,
  RequestRecord,
  RequestStart,
} from '../../core/books.ts';
import type { Correction, CostQuery, CostReport, CostRow } from '../../core/costs.ts';
import type { AttemptId, CallId } from '../../core/ids.ts';
import type { CallLedger } from '../../core/ports.ts';
import type { Admission, QuotaClaim, QuotaUse } from '../../core/quota.ts';
import type { Usage } from '../../core/usage.ts';
import { readAnsweredUsages } from '../costs/answered-usages.ts';
import { readCosts } from '../costs/cost-report.ts';
import { readCostRows } from '../costs/cost-rows.ts';
import type { DatabaseFile } from '../file/database-file.ts';
import { readUse, weighClaims } from '../quotas/quota-admission.ts';
import { readKeys } from '../quotas/quota-counters.ts';
import { readTraffic } from '../traffic/provider-traffic.ts';
import { bookCorrections } from './corrections.ts';
import type { LedgerUpkeep } from './ledger-upkeep.ts';
import type { LedgerWriter } from './ledger-writer.ts';
import { readRecentRequests } from './recent-requests.ts';

/** One commit holds so many: it must not hold the event loop. */
const CORRECTIONS_AT_ONCE = 100;

/** The books in `ledger.db`. */
export class SqliteCallLedger implements CallLedger {
  readonly #file: DatabaseFile;
  readonly #writer: LedgerWriter;
  readonly #upkeep: LedgerUpkeep;

  constructor(file: DatabaseFile, writer: LedgerWriter, upkeep: LedgerUpkeep) {
    this.#file = file;
    this.#writer = writer;
    this.#upkeep = upkeep;
  }

  recordRequest(request: RequestStart, end?: RequestEnd): Promise<void> {
    return this.#writer.write({ type: 'record-request', request, end });
  }

  recordAttempt(attempt: AttemptStart): Promise<Admission> {
    return this.#writer.admit(attempt);
  }

  settleAttempt(id: AttemptId, outcome: AttemptOutcome): Promise<void> {
    return this.#writer.write({ type: 'settle-attempt', id, outcome });
  }

  voidAttempt(id: AttemptId): Promise<void> {
    return this.#writer.write({ type: 'void-attempt', id });
  }

  endRequest(id: CallId, end: RequestEnd): Promise<void> {
    return this.#writer.write({ type: 'end-request', id, end });
  }

  weighClaims(claims: readonly QuotaClaim[]): Promise<Admission> {
    return this.#file.read(() => weighClaims(this.#file, claims).admission);
  }

  /** Who asks for many does it part by part: the event loop has room after each. */
  async quotaUse(claims: Parameters<CallLedger['quotaUse']>[0]): Promise<readonly QuotaUse[]> {
    const uses = await this.#file.read(() => claims.map((claim) => readUse(this.#file, claim)));
    await new Promise((resolve) => setImmediate(resolve));
    return uses;
  }

  quotaKeys(query: Parameters<CallLedger['quotaKeys']>[0]): Promise<readonly string[]> {
    return readKeys(this.#file, query);
  }

  async recordCorrections(corrections: readonly Correction[]): Promise<number> {
    let booked = 0;
    for (let first = 0; first < corrections.length; first += CORRECTIONS_AT_ONCE) {
      const part = corrections.slice(first, first + CORRECTIONS_AT_ONCE);
      booked += await this.#writer.change((nowMs) => bookCorrections(this.#file, part, nowMs));
    }
    return booked;
  }

  async costs(query: CostQuery): Promise<CostReport> {
    await this.#upkeep.beforeReport();
    return readCosts(this.#file, query);
  }

  async *costRows(query: CostQuery): AsyncGenerator<CostRow> {
    await this.#upkeep.beforeReport();
    yield* readCostRows(this.#file, query);
  }

  async *usages(query: CostQuery): AsyncGenerator<Usage> {
    await this.#upkeep.beforeReport();
    yield* readAnsweredUsages(this.#file, query);
  }

  async recentRequests(query: RequestLogQuery): Promise<readonly RequestRecord[]> {
    await this.#upkeep.beforeReport();
    return readRecentRequests(this.#file, query);
  }

  async traffic({ fromMs }: { fromMs: number }): Promise<readonly ProviderTraffic[]> {
    await this.#upkeep.beforeReport();
    return readTraffic(this.#file, fromMs);
  }
}
