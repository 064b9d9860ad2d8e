import type { CallerInfo, ChatRequest, Task, Tier } from '../../core/request.ts';
import type { GatewayParts } from '../parts.ts';
import { Spending } from './spending.ts';

type Asked = { readonly caller: CallerInfo } & Partial<Pick<ChatRequest, 'metadata' | 'routing'>>;

/** What this request may spend. */
export function spendingOf(
  { spendingLimits: limits, clock, ledger }: GatewayParts,
  { caller, metadata, routing }: Asked,
  decided: { readonly tier?: Tier | undefined; readonly task?: Task | undefined } = {},
): Spending {
  const task = decided.task ?? routing?.task;
  return new Spending({ limits, clock, ledger }, { caller, task, tier: decided.tier, metadata });
}
