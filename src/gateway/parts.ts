import type { Limits } from '../core/limits.ts';
import type { Observer } from '../core/observer.ts';
import type {
  Clock,
  HealthBook,
  IdempotentAnswers,
  Logger,
  ModelCatalog,
  OutcomeSink,
  Random,
  ResponseCache,
} from '../core/ports.ts';
import type { RoutingTable } from '../core/route-plan.ts';
import type { SlotParts } from '../resilience/run-in-slot.ts';
import type { SiteView } from '../routing/complexity/classify.ts';
import type { SpendingLimits } from './money/spending.ts';
import type { WaitingLine } from './money/waiting-line.ts';
import type { Steering } from './pacing/create-steering.ts';

/** Everything the gateway stands on; `app.ts` puts it together. */
export type GatewayParts = SlotParts & {
  readonly cache: ResponseCache;
  readonly health: HealthBook;
  readonly idempotency: IdempotentAnswers;
  /** Loaded on first use: reading the price data takes longer than starting. */
  readonly catalog: () => Promise<ModelCatalog>;
  readonly table: RoutingTable;
  readonly limits: Limits;
  /** Budgets and shared rate limits. */
  readonly spendingLimits: SpendingLimits;
  /** Of this process, whatever configuration is in force. */
  readonly line: WaitingLine;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Hears of every booked request, once, when it has ended. */
  readonly observer: Observer;
  /** Hears how answers turned out, as far as it can be told; absent: nobody learns. */
  readonly outcomes?: OutcomeSink;
  /** What was learnt from that so far. */
  readonly site?: () => SiteView | undefined;
  /** What is known of earlier requests: how much of the cost target is spent, the tiers of turns under way. */
  readonly steering: Steering;
};
