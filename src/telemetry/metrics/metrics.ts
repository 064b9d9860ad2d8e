import { Counter, Gauge, Registry } from 'prom-client';
import type { BreakerState, HealthSnapshot } from '../../core/health.ts';
import type { ProviderId } from '../../core/model.ts';
import { type AlertCount, type AlertMetrics, createAlertMetrics } from './alert-metrics.ts';
import { collectProcessMetrics } from './process-metrics.ts';
import { createRequestMetrics, type RequestMetrics } from './request-metrics.ts';
import { defineWaitingMetrics, type WaitingSources } from './waiting-metrics.ts';

/** What the metrics ask at each scrape. */
export type MetricsSources = WaitingSources & {
  readonly version: string;
  readonly providers: () => readonly ProviderId[];
  readonly health: () => HealthSnapshot;
  readonly configHash: () => string;
  readonly requests: () => { readonly inFlight: number; readonly waiting: number };
  readonly alerts: () => readonly AlertCount[];
};

const RELOAD_RESULTS = ['applied', 'refused'] as const;

/** Everything Prometheus may scrape, in a registry of its own. */
export interface Metrics extends RequestMetrics, AlertMetrics {
  recordReload(result: (typeof RELOAD_RESULTS)[number]): void;
  render(): Promise<{ readonly contentType: string; readonly text: string }>;
  close(): void;
}

const BREAKER_VALUE = { closed: 0, 'half-open': 1, open: 2 } as const satisfies Record<BreakerState['state'], number>;

export function createMetrics(sources: MetricsSources): Metrics {
  const registry = new Registry();
  const requests = createRequestMetrics(registry, sources.isKnownModel);
  const alerts = createAlertMetrics(registry, sources.alerts);
  const stopProcessMetrics = collectProcessMetrics(registry);
  const defineRequestGauge = (name: string, help: string, counted: 'inFlight' | 'waiting') =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(sources.requests()[counted]);
      },
    });
  defineRequestGauge(
    'signalbox_requests_in_flight',
    'HTTP requests that are not answered to their last byte yet, the scrape included.',
    'inFlight',
  );
  defineRequestGauge(
    'signalbox_requests_waiting',
    'HTTP requests that wait to be let in, since more come than can be begun at once.',
    'waiting',
  );
  const reloads = new Counter({
    name: 'signalbox_config_reloads_total',
    help: 'Reloads of the configuration.',
    labelNames: ['result'],
    registers: [registry],
  });
  // Prometheus sees no increase in a series that begins with 1: the first time would go unnoticed.
  for (const result of RELOAD_RESULTS) reloads.inc({ result }, 0);
  defineWaitingMetrics(registry, sources);
  defineBreakerGauge(registry, sources);
  defineInformation(registry, sources);
  return {
    ...requests,
    ...alerts,
    recordReload: (result) => reloads.inc({ result }),
    render: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
    close() {
      stopProcessMetrics();
      registry.clear();
    },
  };
}

/** Read from shared health at the scrape, so that it also tells what other processes met. */
function defineBreakerGauge(registry: Registry, { providers, health }: MetricsSources): void {
  new Gauge({
    name: 'signalbox_breaker_state',
    help: 'The worst circuit breaker of a provider: 0 closed, 1 half-open, 2 open.',
    labelNames: ['provider'],
    registers: [registry],
    collect() {
      const rows = health();
      this.reset();
      for (const provider of providers()) {
        const states = rows.flatMap(({ target, breaker }) =>
          target.provider === provider ? [BREAKER_VALUE[breaker.state]] : [],
        );
        this.set({ provider }, Math.max(0, ...states));
      }
    },
  });
}

function defineInformation(registry: Registry, { version, configHash }: MetricsSources): void {
  new Gauge({
    name: 'signalbox_build_info',
    help: 'Always 1; its labels name the versions.',
    labelNames: ['version', 'node'],
    registers: [registry],
  }).set({ version, node: process.version }, 1);
  new Gauge({
    name: 'signalbox_config_info',
    help: 'Always 1; its label names the configuration in force.',
    labelNames: ['hash'],
    registers: [registry],
    collect() {
      this.reset();
      this.set({ hash: configHash() }, 1);
    },
  });
}
