import packageJson from '../../package.json' with { type: 'json' };
import type { AlertBoard, AlertRule } from '../core/alerts.ts';
import { isUnwell } from '../core/health.ts';
import type { RequestCounts } from '../http/operations/operations.ts';
import type { AlertCount } from '../telemetry/metrics/alert-metrics.ts';
import type { Metrics } from '../telemetry/metrics/metrics.ts';
import type { Engine } from './engine.ts';
import type { Foundation } from './foundation.ts';

/** What the metrics ask of a service at each scrape, so that they show what is in force then. */
export type ServiceFigures = {
  readonly engine: () => Engine;
  readonly alerts: () => AlertBoard;
  readonly requests: () => RequestCounts;
};

/** The metrics of a service; their library is loaded only by one. */
export async function openMetrics(
  { store, waiting, clock }: Foundation,
  { engine, alerts, requests }: ServiceFigures,
): Promise<Metrics> {
  const { createMetrics } = await import('../telemetry/metrics/metrics.ts');
  return createMetrics({
    version: packageJson.version,
    providers: () => engine().config.providers.map(({ id }) => id),
    isKnownModel: (ref) => engine().isKnownModel(ref),
    health: () => store.health.snapshot().filter((row) => isUnwell(row, clock.nowMs())),
    queueLength: () => waiting.line.length,
    loads: () => waiting.slots.loads(),
    configHash: () => engine().config.configHash,
    requests,
    alerts: () => countAlerts(engine().config.alerts, alerts()),
  });
}

/** How many of each rule fire; those that are well count 0. */
function countAlerts(rules: readonly AlertRule[], board: AlertBoard): readonly AlertCount[] {
  const { alerts } = board.report('local');
  return rules.map(({ name, severity }) => ({
    name,
    severity,
    firing: alerts.filter((alert) => alert.name === name && alert.status === 'firing').length,
  }));
}
