import packageJson from '../../package.json' with { type: 'json' };
import type { LoadedConfig } from '../config/load-config.ts';
import { proxyFor, proxySecrets } from '../core/network/proxies.ts';
import { createWaiting, type Waiting } from '../gateway/money/create-waiting.ts';
import { HealthRecorder } from '../resilience/health-recorder.ts';
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
  readonly waiting: Waiting;
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
  const recorder = new HealthRecorder({ health: store.health, clock, logger });
  const learner = new Learner({ states: store.states, clock, logger });
  const waiting = createWaiting(clock);
  return { logger, store, clock, random, recorder, retryBudget: createRetryBudget(), waiting, learner };
}

/** Everything of the configuration that must never be written anywhere. The address of a webhook is often a secret. */
export function secretsOf({ providers, alerts, proxies }: LoadedConfig): readonly string[] {
  return [
    ...proxySecrets(proxies),
    ...providers.flatMap(({ keys, headers }) => [...keys.map(({ value }) => value), ...Object.values(headers ?? {})]),
    ...alerts.flatMap(({ webhooks }) => webhooks.flatMap(({ url, secret = '' }) => [pathOf(url), secret])),
  ];
}

/** A shorter one is a word such as `/alerts`, which may stand in many a line. */
const SECRET_PATH_CHARACTERS_MIN = 12;

/** Without the host, which many may know and which is worth reading. */
function pathOf(url: string): string {
  const { pathname, search } = new URL(url);
  const path = pathname + search;
  return path.length < SECRET_PATH_CHARACTERS_MIN ? '' : path;
}

/** Traces, when the configuration names a collector; their SDK is loaded only then. */
export async function openTracing(
  { telemetry, proxies }: LoadedConfig,
  logger: ServiceLogger,
  inForce: () => LoadedConfig,
): Promise<Tracing | undefined> {
  if (telemetry.otlpUrl === undefined) return undefined;
  const proxy = proxyFor(proxies, telemetry.otlpUrl);
  if (proxy && 'fault' in proxy) {
    logger.warn({ reason: `${proxy.variable} ${proxy.fault}` }, 'traces cannot be sent through the proxy');
    return undefined;
  }
  const { createTracing } = await import('../telemetry/traces/create-tracing.ts');
  let seen: LoadedConfig | undefined;
  let facts: ReturnType<typeof toProviderFacts> = new Map();
  return createTracing({
    url: telemetry.otlpUrl,
    proxy,
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
