import type { GatewayError } from '../core/errors.ts';
import type { HealthTarget, TargetHealth } from '../core/health.ts';
import type { Clock, HealthBook, Logger } from '../core/ports.ts';
import { type ApiKey, keyHealthId, type ProviderSettings } from '../core/provider.ts';
import {
  afterFailure,
  afterSuccess,
  type BreakerOptions,
  claimProbe,
  cleanHealth,
  DEFAULT_BREAKER,
  needsProbe,
  openBreaker,
  releaseProbe,
} from './breaker.ts';
import { keysOfAccount } from './key-pool.ts';

/** The longest rest a provider's own words can earn a key. */
const COOLDOWN_MAX_MS = 3_600_000;
const COOLDOWN_DEFAULT_MS = { rate_limited: 1_000, quota_exhausted: 3_600_000, provider_auth: 600_000 } as const;
/** A refused connection concerns every model and key of the provider, but heals quickly. */
const CONNECTION_COOLDOWN_MS = 5_000;
/** Failures further apart say nothing about the provider as a whole. */
const PROVIDER_OUT = { failuresPerModel: 3, modelsMin: 2, withinMs: 300_000 } as const;

/** One key with one model of one provider. */
export type Target = { readonly settings: ProviderSettings; readonly key: ApiKey; readonly model: string };

/** The half-open targets that one call tries on behalf of all. */
export type Probe = readonly HealthTarget[];

/** Turns the outcomes of attempts into shared health. */
export interface HealthRecorder {
  succeeded(target: Target): Promise<void>;
  failed(
    target: Target,
    failure: { readonly error: GatewayError; readonly sent: boolean; readonly probe: Probe },
  ): Promise<void>;
  /** The call ended without saying anything about the target: others may probe at once. */
  abandoned(probe: Probe): Promise<void>;
  /**
   * The probes this caller now holds, none when every breaker is closed; undefined when the target
   * may not be called, because somebody else's probe is under way.
   */
  mayCall(target: Target): Promise<Probe | undefined>;
}

export type HealthRecorderParts = {
  readonly health: HealthBook;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly breaker?: BreakerOptions;
};

export function createHealthRecorder(parts: HealthRecorderParts): HealthRecorder {
  const { health, clock, logger } = parts;
  const options = parts.breaker ?? DEFAULT_BREAKER;

  function change(target: HealthTarget, step: (current: TargetHealth) => TargetHealth | undefined) {
    return health.update(target, clock.nowMs(), (current) => step(current ?? cleanHealth(target)));
  }

  /** The rows that speak of this target: its own and its provider's. */
  async function rowsOf(target: Target): Promise<readonly TargetHealth[]> {
    const own = healthTarget(target);
    const snapshot = await health.snapshot();
    return snapshot.filter(
      (row) => row.target.provider === own.provider && (row.target.key === '*' || sameTarget(row.target, own)),
    );
  }

  async function countFailure(target: HealthTarget, error: GatewayError): Promise<void> {
    const nowMs = clock.nowMs();
    await health.update(target, nowMs - options.windowMs, (current, window) =>
      afterFailure(
        current ?? cleanHealth(target),
        { code: error.code, message: error.message, atMs: nowMs },
        window,
        options,
      ),
    );
    await openProviderWhenOut(target.provider, error);
  }

  async function openProviderWhenOut(provider: string, error: GatewayError): Promise<void> {
    const snapshot = await health.snapshot();
    const nowMs = clock.nowMs();
    const failing = new Set<string>();
    for (const { target, consecutiveFailures, lastError } of snapshot) {
      if (target.provider !== provider || target.model === '*') continue;
      const lately = lastError !== undefined && nowMs - lastError.atMs <= PROVIDER_OUT.withinMs;
      if (lately && consecutiveFailures >= PROVIDER_OUT.failuresPerModel) failing.add(target.model);
    }
    if (failing.size < PROVIDER_OUT.modelsMin) return;
    const whole: HealthTarget = { provider, key: '*', model: '*' };
    await change(whole, (current) => ({
      ...afterFailure(
        current,
        { code: error.code, message: error.message, atMs: nowMs },
        { total: 0, failures: 0 },
        options,
      ),
      ...(current.breaker.state === 'closed' && { breaker: openBreaker(nowMs, options.cooldownFirstMs) }),
    }));
    logger.warn({ provider, code: error.code }, 'provider taken out after failures on several models');
  }

  async function rest(target: HealthTarget, error: GatewayError, cooldownMs: number): Promise<void> {
    const nowMs = clock.nowMs();
    const untilMs = nowMs + cooldownMs;
    await change(target, (current) => ({
      ...current,
      // A new cooldown never shortens an old one.
      cooldown:
        current.cooldown && current.cooldown.untilMs > untilMs ? current.cooldown : { untilMs, reason: error.code },
      lastError: { code: error.code, message: error.message, atMs: nowMs },
    }));
  }

  return {
    async succeeded(target) {
      for (const row of await rowsOf(target))
        await change(row.target, (current) => afterSuccess(current, clock.nowMs()));
    },

    async failed(target, { error, sent, probe }) {
      const { settings, key, model } = target;
      const provider = settings.id;
      if (error.policy.breaker === 'count') await countFailure(healthTarget(target), error);
      // What the failure did not open again, such as the provider as a whole, others may probe.
      await this.abandoned(probe);
      if (!sent && error.code === 'provider_unavailable' && error.retrySame === 'no') {
        await rest({ provider, key: '*', model: '*' }, error, CONNECTION_COOLDOWN_MS);
      }
      if (error.policy.key === 'none') return;
      const cooldownMs = cooldownOf(error);
      for (const sharing of keysOfAccount(settings, key)) {
        const restModel = error.policy.key === 'disable' ? '*' : model;
        // A bad key says nothing about the account's other keys.
        if (error.code === 'provider_auth' && sharing !== key) continue;
        await rest({ provider, key: keyHealthId(sharing), model: restModel }, error, cooldownMs);
      }
    },

    async abandoned(probe) {
      for (const target of probe) await change(target, (current) => releaseProbe(current, clock.nowMs()));
    },

    async mayCall(target) {
      const probe: HealthTarget[] = [];
      for (const row of await rowsOf(target)) {
        if (!needsProbe(row)) continue;
        let claim: 'taken' | 'claimed' | 'needless' = 'taken';
        await change(row.target, (current) => {
          const claimed = needsProbe(current) ? claimProbe(current, clock.nowMs(), options) : undefined;
          claim = claimed ? 'claimed' : needsProbe(current) ? 'taken' : 'needless';
          return claimed ?? current;
        });
        if ((claim as string) === 'claimed') probe.push(row.target);
        if ((claim as string) === 'taken') {
          await this.abandoned(probe);
          return undefined;
        }
      }
      return probe;
    },
  };
}

function healthTarget({ settings, key, model }: Target): HealthTarget {
  return { provider: settings.id, key: keyHealthId(key), model };
}

function sameTarget(left: HealthTarget, right: HealthTarget): boolean {
  return left.key === right.key && (left.model === right.model || left.model === '*');
}

/** How long the error makes its key rest, in milliseconds. */
export function cooldownOf(error: GatewayError): number {
  if (error.retryAfterMs !== undefined && error.retryAfterMs > 0) return Math.min(error.retryAfterMs, COOLDOWN_MAX_MS);
  const { code } = error;
  if (code === 'quota_exhausted' || code === 'provider_auth') return COOLDOWN_DEFAULT_MS[code];
  return COOLDOWN_DEFAULT_MS.rate_limited;
}
