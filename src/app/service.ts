import type { App } from '../app.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import { closeInTurn } from '../core/close-in-turn.ts';
import type { SharedStates } from '../core/ports.ts';
import { createSecretMask } from '../core/secret-mask.ts';
import type { Operations, RequestCounts } from '../http/operations/operations.ts';
import { recoverProviders } from '../resilience/recover-providers.ts';
import { composeObservers } from '../telemetry/compose-observers.ts';
import { createRoutingEventLog } from '../telemetry/routing-event.ts';
import { createAlertWatch } from './alerts/create-alert-watch.ts';
import { createEngine } from './engine.ts';
import { EngineExchange } from './engine-exchange.ts';
import { openFoundation, openTracing } from './foundation.ts';
import { openMetrics } from './open-metrics.ts';
import { createReadiness } from './readiness.ts';

/** A Signalbox that many use at once and that runs for months: observed, and changed while it runs. */
export interface Service extends App {
  /** The one in force. */
  readonly config: LoadedConfig;
  readonly operations: Operations;
  /** What the processes of the data folder know together. */
  readonly states: SharedStates;
  /**
   * Puts another configuration in force; requests under way finish with the old one. Resolves with the
   * settings that differ but need a restart, or undefined when nothing changed at all.
   */
  reload(config: LoadedConfig, secrets?: readonly string[]): Promise<readonly string[] | undefined>;
  countRefusedReload(): void;
  /** From now on `/readyz` says that no traffic should come. */
  drain(): void;
}

export type ServiceOptions = {
  /** Beyond those of the providers, never to be logged: the callers' tokens. */
  readonly secrets?: readonly string[];
  /** Between two looks at providers that are out; 30 s when absent. */
  readonly recoveryEveryMs?: number;
};

const LEVEL_DEFAULT = 'info';

/** Puts the parts together for `signalbox serve`. Whoever watches asks for the engine each time: a reload brings another. */
export async function createService(config: LoadedConfig, options: ServiceOptions = {}): Promise<Service> {
  const { secrets = [], recoveryEveryMs } = options;
  const foundation = await openFoundation(config, { levelDefault: LEVEL_DEFAULT, secrets });
  const { logger, store } = foundation;
  const inForce = () => exchange.seat.engine;
  let requests: () => RequestCounts = () => ({ inFlight: 0, waiting: 0 });
  const tracing = await openTracing(config, logger, () => inForce().config);
  const metrics = await openMetrics(foundation, { engine: inForce, alerts: () => alerts, requests: () => requests() });
  const observer = composeObservers([createRoutingEventLog(logger), metrics, tracing], logger);
  const exchange = new EngineExchange(
    { config, tokens: secrets },
    {
      build: (next) => createEngine(next.config, foundation, observer, createSecretMask(next.tokens)),
      logger,
      levelDefault: LEVEL_DEFAULT,
    },
  );
  const readiness = createReadiness(foundation, inForce);
  const ending = new AbortController();
  const recovering = recoverProviders(
    { ...foundation, health: store.health, providers: () => inForce().providers, everyMs: recoveryEveryMs },
    ending.signal,
  );
  const alerts = createAlertWatch(foundation, {
    role: 'service',
    config: () => inForce().config,
    waiting: () => foundation.waiting.line.length + requests().waiting,
    onResult: (result) => metrics.recordNotice(result),
  });
  alerts.start();

  return {
    gateway: exchange.seat.gateway,
    get config() {
      return inForce().config;
    },
    logger,
    alerts,
    proveBooks: () => store.prove(),
    states: store.states,
    operations: {
      metrics: () => metrics.render(),
      notReady: () => readiness.reasons(),
      countRefusal: (code) => metrics.recordRefusal(code),
      watchRequests(read) {
        requests = read;
      },
    },
    async reload(loaded, tokens = []) {
      const restart = await exchange.reload({ config: loaded, tokens });
      if (restart) metrics.recordReload('applied');
      return restart;
    },
    countRefusedReload: () => metrics.recordReload('refused'),
    drain: () => readiness.drain(),
    async close() {
      ending.abort();
      await closeInTurn([
        [() => exchange.seat.close(), () => recovering, () => alerts.close()],
        [() => foundation.learner.flush()],
        [() => store.close(), () => tracing?.close()],
        [() => metrics.close()],
      ]);
    },
  };
}
