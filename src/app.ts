import { loadCatalog } from './catalog/catalog.ts';
import type { LoadedConfig } from './config/load-config.ts';
import type { Logger, ModelCatalog } from './core/ports.ts';
import { createGateway } from './gateway/create-gateway.ts';
import type { Gateway } from './gateway/gateway.ts';
import { createProviderDirectory } from './providers/registry.ts';
import { createTransport } from './providers/shared/transport.ts';
import { createHealthRecorder } from './resilience/health-recorder.ts';
import { createRetryBudget } from './resilience/retry-budget.ts';
import { SYSTEM_CLOCK as clock, SYSTEM_RANDOM as random } from './resilience/system-clock.ts';
import { openStore } from './store/open-store.ts';
import { createLogger } from './telemetry/logger.ts';

/** A running Signalbox, however it is reached. */
export interface App {
  readonly gateway: Gateway;
  readonly config: LoadedConfig;
  readonly logger: Logger;
  /** Waits for calls under way to be booked, then closes files and connections. */
  close(): Promise<void>;
}

/** The only place where the parts are put together. */
export async function createApp(config: LoadedConfig): Promise<App> {
  const { providers: settings, limits, routing: table, dataDir, cache } = config;
  const secrets = settings.flatMap(({ keys, headers }) => [
    ...keys.map(({ value }) => value),
    ...Object.values(headers ?? {}),
  ]);
  const logger = createLogger({ level: config.log.level, secrets });
  const store = await openStore({ dataDir, cache, clock, logger });
  const transport = createTransport({ connectMs: limits.connectMs });
  const providers = createProviderDirectory(settings, transport);

  let catalog: Promise<ModelCatalog> | undefined;
  const gateway = createGateway({
    ledger: store.ledger,
    cache: store.cache,
    health: store.health,
    recorder: createHealthRecorder({ health: store.health, clock, logger }),
    retryBudget: createRetryBudget(),
    catalog: () => (catalog ??= loadCatalog({ providers: settings, overrides: config.models })),
    providers,
    table,
    limits,
    clock,
    random,
    logger,
    observer: { requestEnded() {} },
  });

  return {
    gateway,
    config,
    logger,
    async close() {
      await gateway.drain();
      await store.close();
      await transport.close();
    },
  };
}
