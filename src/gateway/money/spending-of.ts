import type { CallerInfo, ChatRequest, Task, Tier } from '../../core/request.ts';
import type { GatewayParts } from '../parts.ts';
import { hasLimits, LimitedSpending, type Spending } from './spending.ts';
import { UNLIMITED_SPENDING } from './unlimited-spending.ts';

type Asked = { readonly caller: CallerInfo } & Partial<Pick<ChatRequest, 'metadata' | 'routing'>>;

/** What this request may spend. */
export function spendingOf(
  { spendingLimits: limits, clock }: GatewayParts,
  { caller, metadata, routing }: Asked,
  decided: { readonly tier?: Tier | undefined; readonly task?: Task | undefined } = {},
): Spending {
  if (!hasLimits(limits)) return UNLIMITED_SPENDING;
  const task = decided.task ?? routing?.task;
  return new LimitedSpending({ limits, clock }, { caller, task, tier: decided.tier, metadata });
}
