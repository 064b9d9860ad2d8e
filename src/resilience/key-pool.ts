import { type HealthSnapshot, restingUntil, type TargetRest, unservedBy } from '../core/health.ts';
import type { ModelInfo } from '../core/model.ts';
import type { Random } from '../core/ports.ts';
import { type ApiKey, mayBeUsedFor, type ProviderSettings } from '../core/provider.ts';

export type KeyChoice =
  | { readonly type: 'key'; readonly key: ApiKey }
  /** Every eligible key rests; the rest that ends first. */
  | { readonly type: 'resting'; readonly rest: TargetRest }
  /** No key may be used for this model, or all were tried. */
  | { readonly type: 'none' };

export type KeyQuestion = {
  readonly settings: ProviderSettings;
  readonly model: ModelInfo;
  readonly health: HealthSnapshot;
  readonly nowMs: number;
  /** Names of keys that failed in this request. */
  readonly excluded: readonly string[];
};

/** One key that may be used now, drawn by weight; one that lately did not get the model only when no other may get it. */
export function chooseKey(question: KeyQuestion, random: Random): KeyChoice {
  const { settings, model, health, nowMs, excluded } = question;
  const ready: ApiKey[] = [];
  const unserved: ApiKey[] = [];
  let soonest: TargetRest | undefined;
  for (const key of settings.keys) {
    if (!mayBeUsedFor(key, model.name)) continue;
    if (excluded.includes(key.name)) continue;
    const asked = { provider: settings.id, key, model: model.name };
    const rest = restingUntil(health, asked, nowMs);
    if (!rest) (unservedBy(health, asked, nowMs) === 'lately' ? unserved : ready).push(key);
    else if (!soonest || rest.untilMs < soonest.untilMs) soonest = rest;
  }
  if (ready.length > 0) return { type: 'key', key: drawByWeight(ready, random) };
  if (soonest) return { type: 'resting', rest: soonest };
  // One call tells whether the model is there by now.
  return unserved.length > 0 && excluded.length === 0
    ? { type: 'key', key: drawByWeight(unserved, random) }
    : { type: 'none' };
}

/** The keys that share the limits of this one, itself included. */
export function keysOfAccount(settings: ProviderSettings, key: ApiKey): readonly ApiKey[] {
  if (key.account === undefined) return [key];
  return settings.keys.filter((other) => other.account === key.account);
}

function drawByWeight(keys: readonly ApiKey[], random: Random): ApiKey {
  let mark = random.next() * keys.reduce((sum, key) => sum + key.weight, 0);
  for (const key of keys) {
    mark -= key.weight;
    if (mark < 0) return key;
  }
  return keys.at(-1) as ApiKey;
}
