import { type HealthSnapshot, restingUntil } from '../core/health.ts';
import { listedModelsOf } from '../core/listed-models.ts';
import type { ProviderSettings } from '../core/provider.ts';
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
  const isUp = ({ id, keys }: ProviderSettings) =>
    listedModelsOf(id, routing).some((model) =>
      keys.some((key) => !restingUntil(health, { provider: id, key, model }, nowMs)),
    );
  return configured.some(isUp) ? [] : ['all_resting'];
}
