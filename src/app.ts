import type { AlertWatch } from './app/alerts/alert-watch.ts';
import { createAlertWatch } from './app/alerts/create-alert-watch.ts';
import { createEngine } from './app/engine.ts';
import { openFoundation, openTracing } from './app/foundation.ts';
import type { LoadedConfig } from './config/load-config.ts';
import { closeInTurn } from './core/close-in-turn.ts';
import type { Logger } from './core/ports.ts';
import type { Gateway } from './gateway/gateway.ts';
import { composeObservers } from './telemetry/compose-observers.ts';
import { createRoutingEventLog } from './telemetry/routing-event.ts';

/** A running Signalbox, however it is reached. */
export interface App {
  readonly gateway: Gateway;
  readonly config: LoadedConfig;
  readonly logger: Logger;
  /** Watched from `start` on, by whoever stays. */
  readonly alerts: AlertWatch;
  /** Proves by a write to the disk that the books can be kept; rejects with `storage_unavailable`. */
  proveBooks(): Promise<void>;
  /** Waits for calls under way to be booked, then closes files and connections. */
  close(): Promise<void>;
}

/**
 * Puts the parts together for one client: the stdio server and the shell. `signalbox serve` is put
 * together in `app/service.ts`; the parts themselves are built in `app/` and nowhere else.
 */
export async function createApp(config: LoadedConfig): Promise<App> {
  // Clients show their servers' stderr.
  const foundation = await openFoundation(config, { levelDefault: 'warn' });
  const { logger, store } = foundation;
  const tracing = await openTracing(config, logger, () => config);
  const observer = composeObservers([createRoutingEventLog(logger), tracing], logger);
  const engine = createEngine(config, foundation, observer);
  const waiting = () => foundation.waiting.line.length;
  const alerts = createAlertWatch(foundation, { role: 'client', config: () => config, waiting });

  return {
    gateway: engine.gateway,
    config,
    logger,
    alerts,
    proveBooks: () => store.prove(),
    async close() {
      await closeInTurn([
        [() => engine.gateway.drain()],
        [() => alerts.close()],
        [() => foundation.learner.flush()],
        [() => store.close(), () => tracing?.close()],
        [() => engine.close()],
      ]);
    },
  };
}
