import { type HealthSnapshot, restingUntil } from '../core/health.ts';
import { type ModelRef, parseModelRef } from '../core/model.ts';
import type { ProviderSettings } from '../core/provider.ts';
import type { RoutingTable } from '../core/route-plan.ts';
import type { NotReadyReason } from '../http/operations/operations.ts';
import type { Engine } from './engine.ts';
import type { Foundation } from './foundation.ts';

/** Anybody may ask, as often as he likes; the disk is asked this often at most. */
const KEPT_MS = 1_000;

export interface Readiness {
  reasons(): Promise<readonly NotReadyReason[]>;
  /** From now on no traffic should come. */
  drain(): void;
}

/** Whether traffic may come: the books can be written and somebody could answer. */
export function createReadiness(
  { store, clock }: Pick<Foundation, 'store' | 'clock'>,
  engine: () => Engine,
): Readiness {
  let draining = false;
  let known: { readonly atMs: number; readonly reasons: Promise<readonly NotReadyReason[]> } | undefined;

  async function examine(): Promise<readonly NotReadyReason[]> {
    const storage = await store.prove().then(
      () => [],
      () => ['storage' as const],
    );
    return [...storage, ...providerReasons(engine().config, store.health.snapshot(), clock.nowMs())];
  }

  return {
    async reasons() {
      if (draining) return ['draining'];
      const nowMs = clock.monotonicMs();
      if (!known || nowMs - known.atMs > KEPT_MS) known = { atMs: nowMs, reasons: examine() };
      return known.reasons;
    },
    drain() {
      draining = true;
    },
  };
}

function providerReasons(
  { providers, routing }: Engine['config'],
  health: HealthSnapshot,
  nowMs: number,
): readonly NotReadyReason[] {
  const configured = providers.filter(({ status }) => status === 'configured');
  if (configured.length === 0) return ['no_provider'];
  const listed = listedModels(routing);
  const isUp = (settings: ProviderSettings) => {
    const own = listed.filter(({ provider }) => provider === settings.id).map(({ name }) => name);
    // One that routing names nowhere can still be asked by name.
    return (own.length > 0 ? own : ['*']).some((model) =>
      settings.keys.some((key) => !restingUntil(health, { provider: settings.id, key, model }, nowMs)),
    );
  };
  return configured.some(isUp) ? [] : ['all_resting'];
}

function listedModels({ tiers, tasks, fallback }: RoutingTable) {
  const refs = new Set<ModelRef>([...Object.values(tiers).flat(), ...Object.values(tasks).flat(), ...fallback]);
  return [...refs].flatMap((ref) => parseModelRef(ref) ?? []);
}
