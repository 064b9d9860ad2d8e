import packageJson from '../../package.json' with { type: 'json' };
import type { LoadedConfig } from '../config/load-config.ts';
import { createHealthRecorder, type HealthRecorder } from '../resilience/health-recorder.ts';
import { createRetryBudget, type RetryBudget } from '../resilience/retry-budget.ts';
import { SYSTEM_CLOCK as clock, SYSTEM_RANDOM as random } from '../resilience/system-clock.ts';
import { openStore, type Store } from '../store/open-store.ts';
import { createLogger, type LogLevel, type ServiceLogger } from '../telemetry/logger.ts';
import type { Tracing } from '../telemetry/traces/create-tracing.ts';
import { toProviderFacts } from '../telemetry/traces/provider-facts.ts';
import { Learner } from './learner.ts';

/** What outlives every configuration: the books, the log, and what is learnt while running. */
export type Foundation = {
  readonly logger: ServiceLogger;
  readonly store: Store;
  readonly clock: typeof clock;
  readonly random: typeof random;
  readonly recorder: HealthRecorder;
  readonly retryBudget: RetryBudget;
  readonly learner: Learner;
};

/** `levelDefault`: of the log, where the configuration names none. */
export async function openFoundation(
  config: LoadedConfig,
  { levelDefault, secrets = [] }: { readonly levelDefault: LogLevel; readonly secrets?: readonly string[] },
): Promise<Foundation> {
  const logger = createLogger({
    level: config.log.level ?? levelDefault,
    secrets: [...secretsOf(config), ...secrets],
  });
  const store = await openStore({ dataDir: config.dataDir, cache: config.cache, clock, logger });
  const recorder = createHealthRecorder({ health: store.health, clock, logger });
  const learner = new Learner({ states: store.states, clock, logger });
  return { logger, store, clock, random, recorder, retryBudget: createRetryBudget(), learner };
}

/** Everything of the providers that must never be written anywhere. */
export function secretsOf({ providers }: LoadedConfig): readonly string[] {
  return providers.flatMap(({ keys, headers }) => [...keys.map(({ value }) => value), ...Object.values(headers ?? {})]);
}

/** Traces, when the configuration names a collector; their SDK is loaded only then. */
export async function openTracing(
  { telemetry }: LoadedConfig,
  logger: ServiceLogger,
  inForce: () => LoadedConfig,
): Promise<Tracing | undefined> {
  if (telemetry.otlpUrl === undefined) return undefined;
  const { createTracing } = await import('../telemetry/traces/create-tracing.ts');
  let seen: LoadedConfig | undefined;
  let facts: ReturnType<typeof toProviderFacts> = new Map();
  return createTracing({
    url: telemetry.otlpUrl,
    version: packageJson.version,
    logger,
    factsOf(id) {
      if (seen !== inForce()) {
        seen = inForce();
        facts = toProviderFacts(seen.providers);
      }
      return facts.get(id);
    },
  });
}
