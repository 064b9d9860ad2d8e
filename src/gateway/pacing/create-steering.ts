import type { Clock, Logger, SharedStates } from '../../core/ports.ts';
import type { RoutingTable } from '../../core/route-plan.ts';
import { Pacer } from './pacer.ts';
import { TurnTiers } from './turn-tiers.ts';

/** What processes must know of earlier requests to route the next one. */
export type Steering = {
  /** Absent without a cost target. */
  readonly pacer?: Pacer;
  readonly turns: TurnTiers;
};

export function createSteering({ states, table, clock, logger }: Parts): Steering {
  const target = table.costTarget;
  return {
    ...(target && { pacer: new Pacer({ states, target, logger }) }),
    turns: new TurnTiers({ states, clock, logger }),
  };
}

type Parts = {
  readonly states: SharedStates;
  readonly table: Pick<RoutingTable, 'costTarget'>;
  readonly clock: Clock;
  readonly logger: Logger;
};
