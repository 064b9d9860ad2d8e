import { Roster } from '../core/collections/roster.ts';
import { estimateInputTokens } from '../routing/estimate-input-tokens.ts';
import { complete } from './complete.ts';
import { costReport } from './cost-report.ts';
import { embed } from './embed.ts';
import { createFlights } from './flights.ts';
import type { Gateway } from './gateway.ts';
import { checkNames, findModel, listModels } from './list-models.ts';
import { once } from './once.ts';
import type { GatewayParts } from './parts.ts';
import { preview } from './preview.ts';
import { providerStatus } from './provider-status.ts';
import type { PlanAnswer } from './run-plan.ts';
import { stream } from './stream.ts';

/** The engine. `drain` resolves when every upstream call has ended and is booked. */
export function createGateway(parts: GatewayParts): Gateway & { drain(): Promise<void> } {
  const flights = createFlights<PlanAnswer>();
  const working = new Roster<Promise<unknown>>();

  function tracked<Value>(work: Promise<Value>): Promise<Value> {
    const entry = working.add(work.catch(() => undefined).finally(() => working.remove(entry)));
    return work;
  }

  return {
    complete: (request, options) => complete(parts, flights, request, options),
    stream: (request, { signal }) => stream(parts, request, signal, tracked),
    preview: (request) => preview(parts, request),
    estimateTokens: estimateInputTokens,
    embed: (request, { signal }) => tracked(embed(parts, request, signal)),
    listModels: (query) => listModels(parts, query),
    findModel: (name) => findModel(parts, name),
    checkNames: (names) => checkNames(parts, names),
    providerStatus: (query, signal) => providerStatus(parts, query, signal),
    costReport: (query) => costReport(parts, query),
    costRows: (query) => parts.ledger.costRows(query),
    once: (request, work) => tracked(once(parts, request, work)),
    requestLog: (query) => parts.ledger.recentRequests(query),
    async drain() {
      await Promise.all([flights.drain(), ...working.items()]);
    },
  };
}
