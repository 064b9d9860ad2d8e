import type { GatewayError } from '../core/errors.ts';
import { breakerUntilMs, type HealthSnapshot, type HealthTarget, type TargetHealth } from '../core/health.ts';
import type { Clock, HealthBook, Logger } from '../core/ports.ts';
import { type ApiKey, keyHealthId, type ProviderSettings } from '../core/provider.ts';
import {
  afterFailure,
  afterSuccess,
  BREAKER,
  claimProbe,
  cleanHealth,
  type Failure,
  needsProbe,
  openBreaker,
  releaseProbe,
} from './breaker.ts';
import { keysOfAccount } from './key-pool.ts';

/** The longest rest a provider's own words can earn: daily quotas end at its midnight. */
const REST_MAX_MS = 86_400_000;
/** An account without credit is tried again this often, since its owner may have paid meanwhile. */
const QUOTA_REST_MAX_MS = 3_600_000;
const REST_DEFAULT_MS = { rate_limited: 1_000, quota_exhausted: QUOTA_REST_MAX_MS, provider_auth: 600_000 } as const;
/** A refused connection concerns every model and key of the provider, but heals quickly. */
const CONNECTION_COOLDOWN_MS = 5_000;
/** When failures of single models are the provider's. */
const PROVIDER_OUT = {
  failuresPerModel: 3,
  modelsMin: 2,
  /** Failures further apart say nothing about the provider as a whole. */
  withinMs: 300_000,
  /** At least so long no other model may have answered either. */
  silentMs: 2_000,
} as const;

/** One key with one model of one provider. */
export type Target = { readonly settings: ProviderSettings; readonly key: ApiKey; readonly model: string };

/** The half-open targets that one call tries on behalf of all. */
export type Probe = readonly HealthTarget[];

export type FailedAttempt = { readonly error: GatewayError; readonly sent: boolean; readonly probe: Probe };

export type HealthRecorderParts = {
  readonly health: HealthBook;
  readonly clock: Clock;
  readonly logger: Logger;
};

/**
 * Turns the outcomes of attempts into shared health. What is said alike of several targets stands in one commit: a call
 * in between would find the one resting and the other not.
 */
export class HealthRecorder {
  readonly #health: HealthBook;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor({ health, clock, logger }: HealthRecorderParts) {
    this.#health = health;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Undefined when nothing was known against it: the usual case, with nothing to write. */
  succeeded(target: Target): Promise<void> | undefined {
    const rows = rowsOf(target, this.#health.snapshot());
    return rows.length === 0 ? undefined : this.#heal(rows);
  }

  async #heal(rows: HealthSnapshot): Promise<void> {
    const heal = (current: TargetHealth) => afterSuccess(current, this.#clock.nowMs());
    await Promise.all(rows.map(({ target }) => this.#change(target, heal)));
  }

  async failed(target: Target, failed: FailedAttempt): Promise<void> {
    await this.#blame(target, failed);
    await this.#forgetTooMany();
  }

  async #blame(target: Target, { error, sent, probe }: FailedAttempt): Promise<void> {
    const { settings, key, model } = target;
    const provider = settings.id;
    if (error.policy.breaker === 'count') await this.#countFailure(healthTarget(target), error);
    // What the failure did not open again, such as the provider as a whole, others may probe.
    await this.abandoned(probe);
    if (!sent && isUnreached(error)) {
      await this.#rest({ provider, key: '*', model: '*' }, error, CONNECTION_COOLDOWN_MS);
    }
    const restMs = restEarnedMs(error);
    if (error.policy.key === 'none') {
      // An outage whose end the provider names concerns this target alone.
      if (error.policy.breaker === 'count' && restMs > 0) await this.#rest(healthTarget(target), error, restMs);
      return;
    }
    const restModel = error.policy.key === 'disable' ? '*' : model;
    // A bad key says nothing about the account's other keys.
    const concerned = error.code === 'provider_auth' ? [key] : keysOfAccount(settings, key);
    await Promise.all(
      concerned.map((one) => {
        const resting = { provider, key: keyHealthId(one), model: restModel };
        return error.policy.key === 'last' ? this.#note(resting, error) : this.#rest(resting, error, restMs);
      }),
    );
  }

  /** The call ended without saying anything about the target: others may probe at once. */
  async abandoned(probe: Probe): Promise<void> {
    const release = (current: TargetHealth) => releaseProbe(current, this.#clock.nowMs());
    await Promise.all(probe.map((target) => this.#change(target, release)));
  }

  /**
   * The probes this caller now holds, none when every breaker is closed; undefined when the target
   * may not be called, because somebody else's probe is under way. `health` is what its key was chosen by.
   * With nothing known against the target it says so at once.
   */
  mayCall(target: Target, health: HealthSnapshot): Probe | Promise<Probe | undefined> {
    const rows = rowsOf(target, health).filter(needsProbe);
    return rows.length === 0 ? NO_PROBE : this.#claimAll(rows);
  }

  async #claimAll(rows: HealthSnapshot): Promise<Probe | undefined> {
    const probe: HealthTarget[] = [];
    for (const row of rows) {
      const claim = await this.#claim(row.target);
      if (claim === 'claimed') probe.push(row.target);
      if (claim === 'taken') {
        await this.abandoned(probe);
        return undefined;
      }
    }
    return probe;
  }

  async #claim(target: HealthTarget): Promise<Claim> {
    const seen: { claim: Claim } = { claim: 'taken' };
    await this.#change(target, (current) => {
      const claimed = claimProbe(current, this.#clock.nowMs());
      seen.claim = claimed ? 'claimed' : needsProbe(current) ? 'taken' : 'needless';
      return claimed ?? current;
    });
    return seen.claim;
  }

  async #change(target: HealthTarget, step: (current: TargetHealth) => TargetHealth | undefined): Promise<void> {
    await this.#health.update(target, this.#clock.nowMs(), (current) => step(current ?? cleanHealth(target)));
  }

  async #countFailure(target: HealthTarget, error: GatewayError): Promise<void> {
    const failure = { code: error.code, message: error.lastingMessage, atMs: this.#clock.nowMs() };
    await this.#health.update(target, failure.atMs - BREAKER.windowMs, (current, window) =>
      afterFailure(current ?? cleanHealth(target), failure, window),
    );
    await this.#openProviderWhenOut(target.provider, failure);
  }

  /** Out is a provider of which several models have failed lately and none has answered since. */
  async #openProviderWhenOut(provider: string, failure: Failure): Promise<void> {
    const lastFailedAtMs = new Map<string, number>();
    for (const { target, consecutiveFailures, lastError } of this.#health.snapshot()) {
      if (target.provider !== provider || target.model === '*' || !lastError) continue;
      const lately = failure.atMs - lastError.atMs <= PROVIDER_OUT.withinMs;
      if (!lately || consecutiveFailures < PROVIDER_OUT.failuresPerModel) continue;
      lastFailedAtMs.set(target.model, Math.max(lastError.atMs, lastFailedAtMs.get(target.model) ?? 0));
    }
    const since = [...lastFailedAtMs.values()].sort((left, right) => right - left)[PROVIDER_OUT.modelsMin - 1];
    if (since === undefined) return;
    const target = { provider, key: '*', model: '*' };
    let isNew = false;
    await this.#health.update(target, Math.min(since, failure.atMs - PROVIDER_OUT.silentMs), (current, window) => {
      const health = current ?? cleanHealth(target);
      const isIn = health.breaker.state === 'closed';
      if (isIn && window.failures < window.total) return current;
      isNew = isIn;
      return {
        ...afterFailure(health, failure, { total: 0, failures: 0 }),
        ...(isIn && { breaker: openBreaker(failure.atMs, BREAKER.cooldownFirstMs) }),
      };
    });
    // Calls that were under way and probes go on failing: it is out already.
    if (isNew)
      this.#logger.warn({ provider, code: failure.code }, 'provider taken out after failures on several models');
  }

  /** That it does not serve the model; it rests not. */
  async #note(target: HealthTarget, error: GatewayError): Promise<void> {
    const lastError = { code: error.code, message: error.lastingMessage, atMs: this.#clock.nowMs() };
    await this.#change(target, (current) => ({ ...current, lastError }));
  }

  /** Names that somebody made up push out what was said longest ago, and what still rests last of all. */
  async #forgetTooMany(): Promise<void> {
    const nowMs = this.#clock.nowMs();
    const rows = this.#health.snapshot().filter(({ target }) => target.model !== '*');
    if (rows.length <= NOTES_MAX) return;
    const byWorth = rows.sort(
      (one, other) => Number(rests(other, nowMs)) - Number(rests(one, nowMs)) || saidAtMs(other) - saidAtMs(one),
    );
    const notes = byWorth.filter(isMereNote);
    const ailing = byWorth.filter((row) => !isMereNote(row));
    // Not one for one: several that are written at the same time find the same oldest.
    const tooMany = [...notes.slice(NOTES_MAX), ...ailing.slice(AILING_MAX)];
    await Promise.all(
      tooMany.map((row) =>
        this.#health.update(row.target, nowMs, (current) =>
          current && saidAtMs(current) > saidAtMs(row) ? current : undefined,
        ),
      ),
    );
  }

  async #rest(target: HealthTarget, error: GatewayError, cooldownMs: number): Promise<void> {
    const nowMs = this.#clock.nowMs();
    const untilMs = nowMs + cooldownMs;
    await this.#change(target, (current) => ({
      ...current,
      // A new cooldown never shortens an old one.
      cooldown:
        current.cooldown && current.cooldown.untilMs > untilMs ? current.cooldown : { untilMs, reason: error.code },
      lastError: { code: error.code, message: error.lastingMessage, atMs: nowMs },
    }));
  }
}

const NO_PROBE: Probe = [];
/** Models that their providers do not serve, at most. */
const NOTES_MAX = 100;
/** Models of keys with failures or rests, at most: every look at health reads them all. */
const AILING_MAX = 500;

/** Nothing is known of it but that it is not served. */
function isMereNote({ breaker, consecutiveFailures, cooldown, lastError }: TargetHealth): boolean {
  return lastError?.code === 'unknown_model' && breaker.state === 'closed' && consecutiveFailures === 0 && !cooldown;
}

function rests({ breaker, cooldown }: TargetHealth, nowMs: number): boolean {
  return Math.max(breakerUntilMs(breaker), cooldown?.untilMs ?? 0) > nowMs;
}

function saidAtMs({ lastError }: TargetHealth): number {
  return lastError?.atMs ?? 0;
}

/** `needless`: meanwhile the breaker was closed. */
type Claim = 'claimed' | 'taken' | 'needless';

function healthTarget({ settings, key, model }: Target): HealthTarget {
  return { provider: settings.id, key: keyHealthId(key), model };
}

/** The rows that speak of this target: its own and its provider's. */
function rowsOf(target: Target, health: HealthSnapshot): HealthSnapshot {
  if (health.length === 0) return health;
  const own = healthTarget(target);
  return health.filter(
    (row) => row.target.provider === own.provider && (row.target.key === '*' || sameTarget(row.target, own)),
  );
}

function sameTarget(left: HealthTarget, right: HealthTarget): boolean {
  return left.key === right.key && (left.model === right.model || left.model === '*');
}

/** Nobody could connect: the provider rests as a whole. Who answers that it is not there, with whatever status, does not. */
export function isUnreached({ code, retrySame, isLocal, status }: GatewayError): boolean {
  return code === 'provider_unavailable' && retrySame === 'no' && !isLocal && status === undefined;
}

/** How long nobody is asked after such a failure, as far as the error tells, in milliseconds. */
export function restAfterMs(error: GatewayError): number {
  return isUnreached(error) ? CONNECTION_COOLDOWN_MS : restEarnedMs(error);
}

/**
 * How long the error makes its target rest, in milliseconds: as long as the provider says, or what
 * its kind earns by itself.
 */
export function restEarnedMs({ code, retryAfterMs = 0 }: GatewayError): number {
  if (retryAfterMs > 0) return Math.min(retryAfterMs, code === 'quota_exhausted' ? QUOTA_REST_MAX_MS : REST_MAX_MS);
  return code in REST_DEFAULT_MS ? REST_DEFAULT_MS[code as keyof typeof REST_DEFAULT_MS] : 0;
}
