import type { ChatRequest } from '../core/request.ts';
import type { RoutePlan } from '../core/route-plan.ts';
import { planRoute } from '../routing/plan.ts';
import type { GatewayParts } from './parts.ts';

/** The decision for this request now; the only way to one, live or previewed. */
export async function planRequest(parts: GatewayParts, request: ChatRequest): Promise<RoutePlan> {
  const [catalog, health] = await Promise.all([parts.catalog(), parts.health.snapshot()]);
  const { table, providers, clock } = parts;
  const site = parts.site?.();
  const surroundings = { table, catalog, providers: providers.settings, health, nowMs: clock.nowMs() };
  return planRoute({ ...surroundings, request, ...(site && { site }) });
}
