import { isDeepStrictEqual } from 'node:util';
import packageJson from '../../package.json' with { type: 'json' };
import type { App } from '../app.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import type { AlertBoard, AlertRule } from '../core/alerts.ts';
import type { Observer } from '../core/observer.ts';
import type { SharedStates } from '../core/ports.ts';
import { createSecretMask } from '../core/secret-mask.ts';
import type { Operations } from '../http/operations/operations.ts';
import { recoverProviders } from '../resilience/recover-providers.ts';
import { composeObservers } from '../telemetry/compose-observers.ts';
import type { AlertCount } from '../telemetry/metrics/alert-metrics.ts';
import { createRoutingEventLog } from '../telemetry/routing-event.ts';
import { createAlertWatch } from './alerts/create-alert-watch.ts';
import { createEngine } from './engine.ts';
import { EngineSeat } from './engine-seat.ts';
import { openFoundation, openTracing, secretsOf } from './foundation.ts';
import { createReadiness } from './readiness.ts';
import { restartNeeded } from './restart-needed.ts';

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

/** Puts the parts together for `signalbox serve`. */
export async function createService(config: LoadedConfig, options: ServiceOptions = {}): Promise<Service> {
  const foundation = await openFoundation(config, { levelDefault: LEVEL_DEFAULT, secrets: options.secrets ?? [] });
  const { logger, store } = foundation;
  const tracing = await openTracing(config, logger, () => seat.engine.config);
  const { createMetrics } = await import('../telemetry/metrics/metrics.ts');
  const metrics = createMetrics({
    version: packageJson.version,
    providers: () => seat.engine.config.providers.map(({ id }) => id),
    isKnownModel: (ref) => seat.engine.isKnownModel(ref),
    health: () => store.health.snapshot(),
    queueLength: () => foundation.waiting.line.length,
    loads: () => foundation.waiting.slots.loads(),
    configHash: () => seat.engine.config.configHash,
  });
  const counting: Observer = { requestEnded: (event) => metrics.recordRequest(event) };
  const observer = composeObservers([createRoutingEventLog(logger), counting, ...(tracing ? [tracing] : [])], logger);
  const seat = new EngineSeat(
    createEngine(config, foundation, observer, createSecretMask(options.secrets ?? [])),
    logger,
  );
  const readiness = createReadiness(foundation, () => seat.engine);
  const ending = new AbortController();
  const recovering = recoverProviders(
    {
      ...foundation,
      health: store.health,
      providers: () => seat.engine.providers,
      ...(options.recoveryEveryMs !== undefined && { everyMs: options.recoveryEveryMs }),
    },
    ending.signal,
  );
  let readWaiting = () => 0;
  const alerts = createAlertWatch(foundation, {
    role: 'service',
    config: () => seat.engine.config,
    waiting: () => foundation.waiting.line.length + readWaiting(),
    onResult: (result) => metrics.recordNotice(result),
  });
  metrics.watchAlerts(() => countAlerts(seat.engine.config.alerts, alerts));
  alerts.start();
  let tokens = options.secrets ?? [];

  function configureLog(): void {
    // Of those that finish their calls as well: their keys can still come up.
    const secrets = [...seat.engines.flatMap((engine) => secretsOf(engine.config)), ...tokens];
    logger.configure({ level: seat.engine.config.log.level ?? LEVEL_DEFAULT, secrets });
  }

  return {
    gateway: seat.gateway,
    get config() {
      return seat.engine.config;
    },
    logger,
    alerts,
    states: store.states,
    operations: {
      metrics: () => metrics.render(),
      notReady: () => readiness.reasons(),
      countRefusal: (code) => metrics.recordRefusal(code),
      watchInFlight: (read) => metrics.watchInFlight(read),
      watchWaiting(read) {
        readWaiting = read;
        metrics.watchWaiting(read);
      },
    },
    async reload(loaded, secrets = []) {
      if (isDeepStrictEqual(loaded, seat.engine.config) && isDeepStrictEqual(secrets, tokens)) return undefined;
      const engine = createEngine(loaded, foundation, observer, createSecretMask(secrets));
      await engine.warmUp();
      tokens = secrets;
      seat.replace(engine, configureLog);
      configureLog();
      metrics.recordReload('applied');
      return restartNeeded(config, loaded);
    },
    countRefusedReload: () => metrics.recordReload('refused'),
    drain: () => readiness.drain(),
    async close() {
      readiness.drain();
      ending.abort();
      await Promise.all([seat.close(), recovering, alerts.close()]);
      await foundation.learner.flush();
      await Promise.all([store.close(), tracing?.close()]);
      metrics.close();
    },
  };
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
