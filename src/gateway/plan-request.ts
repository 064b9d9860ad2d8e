import type { ModelCatalog } from '../core/ports.ts';
import type { ChatRequest } from '../core/request.ts';
import type { RoutePlan } from '../core/route-plan.ts';
import { findTurn } from '../routing/find-turn.ts';
import { planRoute } from '../routing/plan.ts';
import { type TurnKeys, turnKeys } from './pacing/turn-key.ts';
import type { GatewayParts } from './parts.ts';

type PlanQuestion = {
  readonly request: ChatRequest;
  readonly catalog: ModelCatalog;
  /** Wall clock. */
  readonly nowMs: number;
  readonly isLive: boolean;
};

/** The decision for this request now; the only way to one, previewed or live. A live one is remembered. */
export function planRequest(parts: GatewayParts, { request, catalog, nowMs, isLive }: PlanQuestion): RoutePlan {
  const health = parts.health.snapshot();
  const { table, providers, steering } = parts;
  const { pacer, turns } = steering;
  const site = parts.site?.();
  // Else nothing but the turn decides, and each step of its tool loop comes to the same.
  const keys = pacer || parts.site ? keysOf(request) : undefined;
  const turnTier = keys?.loop ? (turns.find(keys.loop) ?? turns.find(keys.turn)) : undefined;
  const plan = planRoute({
    request,
    table,
    catalog,
    providers: providers.settings,
    health,
    nowMs,
    site,
    pacing: pacer?.state,
    turnTier,
  });
  // In the same turn of the event loop as the decision: the next one is to know of it.
  if (isLive && plan.pacing) pacer?.add({ type: 'decided', ...plan.pacing });
  if (isLive && keys && plan.tier && request.routing.tier === undefined) turns.keep(keys.loop ?? keys.turn, plan.tier);
  return plan;
}

/** Of a request that is a step of a tool loop, or may begin one. */
function keysOf(request: ChatRequest): TurnKeys | undefined {
  const turn = findTurn(request.messages);
  if (!turn || !(turn.isUnderWay || request.tools?.length)) return undefined;
  return turnKeys(request, turn);
}
