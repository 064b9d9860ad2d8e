import { toGatewayError } from '../core/errors.ts';
import { type HealthSnapshot, restingUntil, type TargetHealth } from '../core/health.ts';
import type { Clock, HealthBook, Logger, ProviderDirectory, Random } from '../core/ports.ts';
import type { ApiKey, ProviderSettings } from '../core/provider.ts';
import { askModelList } from './ask-model-list.ts';
import { withRestOver } from './breaker.ts';

export type RecoveryParts = {
  readonly health: HealthBook;
  /** Those configured now: a reload brings others. */
  readonly providers: () => ProviderDirectory;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Between two rounds, give or take a fifth so that several processes do not ask in step. */
  readonly everyMs?: number | undefined;
};

const EVERY_MS = 30_000;

/**
 * Until the signal: every 30 s asks each provider that is out for its free model list, and brings one
 * back that answers. Health is shared, so what another process has found out meanwhile counts first.
 */
export async function recoverProviders(parts: RecoveryParts, signal: AbortSignal): Promise<void> {
  const { clock, random, everyMs = EVERY_MS } = parts;
  while (!signal.aborted) {
    try {
      await clock.sleep(everyMs * (0.8 + 0.4 * random.next()), signal);
      const { settings } = parts.providers();
      await Promise.all(settings.map((one) => recoverProvider(parts, one, signal)));
    } catch (error) {
      if (!signal.aborted) parts.logger.warn({ error }, 'the providers that are out could not be asked');
    }
  }
}

async function recoverProvider(parts: RecoveryParts, settings: ProviderSettings, signal: AbortSignal): Promise<void> {
  if (settings.status !== 'configured') return;
  const snapshot = parts.health.snapshot();
  if (!snapshot.some((row) => isOutRow(row, settings))) return;
  const key = usableKey(settings, snapshot, parts.clock.nowMs());
  if (!key) return;
  const askedAtMs = parts.clock.nowMs();
  if (await answersFreely(parts, settings, key, signal)) await bringBack(parts, settings, askedAtMs);
}

/** A row for the whole provider stays from its first failure to the next success, also when its rest is over. */
function isOutRow({ target }: TargetHealth, { id }: ProviderSettings): boolean {
  return target.provider === id && target.key === '*';
}

/** A key that was refused is not tried for this: it would only be refused again. */
function usableKey(settings: ProviderSettings, snapshot: HealthSnapshot, nowMs: number): ApiKey | undefined {
  const ofKeys = snapshot.filter(({ target }) => target.key !== '*');
  return settings.keys.find((key) => !restingUntil(ofKeys, { provider: settings.id, key, model: '*' }, nowMs));
}

async function answersFreely(
  parts: RecoveryParts,
  { id }: ProviderSettings,
  key: ApiKey,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const { clock } = parts;
    return (await askModelList({ providers: parts.providers(), clock }, { id, key }, signal)) !== undefined;
  } catch (thrown) {
    parts.logger.debug({ provider: id, code: toGatewayError(thrown).code }, 'a provider is still out');
    return false;
  }
}

/**
 * What failed after we asked counts more than the answer. All in one commit: who finds the provider back is not to
 * find its models resting still.
 */
async function bringBack(parts: RecoveryParts, { id }: ProviderSettings, askedAtMs: number): Promise<void> {
  const { health, clock, logger } = parts;
  const isOlder = (row: TargetHealth) => (row.lastError?.atMs ?? 0) <= askedAtMs;
  let isBack = false;
  const provider = health.update({ provider: id, key: '*', model: '*' }, clock.nowMs(), (current) => {
    isBack = current !== undefined && isOlder(current);
    return isBack ? undefined : current;
  });
  // Of a model the list proves only that it can be reached: its next request tries, without waiting longer.
  const unreachable = health.snapshot().filter((row) => isUnreachable(row, id));
  const models = unreachable.map(({ target }) =>
    health.update(target, clock.nowMs(), (current) => {
      const isStillOpen = isBack && current?.breaker.state === 'open' && isOlder(current);
      return isStillOpen ? withRestOver(current, clock.nowMs()) : current;
    }),
  );
  await Promise.all([provider, ...models]);
  if (isBack) logger.info({ provider: id }, 'a provider that was out answers again');
}

function isUnreachable({ target, breaker, lastError }: TargetHealth, provider: string): boolean {
  return target.provider === provider && breaker.state === 'open' && lastError?.code === 'provider_unavailable';
}
