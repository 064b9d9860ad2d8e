import type { ChatRequest } from '../core/request.ts';
import { beginCall } from './call.ts';
import type { RoutePreview } from './gateway.ts';
import { withinLimits } from './money/within-limits.ts';
import type { GatewayParts } from './parts.ts';
import { checkCosts } from './verify/check-costs.ts';

/** The decision the live call would take now, and whether the cache would answer. */
export async function preview(parts: GatewayParts, request: ChatRequest): Promise<RoutePreview> {
  const { plan: planned, cacheKey } = await beginCall(parts, request, { isLive: false });
  const plan = await withinLimits(parts, request, planned);
  const cached = request.routing.cache === 'use' && cacheKey !== undefined && (await parts.cache.has(cacheKey));
  const costs = checkCosts(plan, request.routing.costMax);
  return { plan, cached, ...(costs && { checkCosts: costs }) };
}
