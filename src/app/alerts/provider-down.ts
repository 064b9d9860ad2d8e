import type { HealthSnapshot, TargetHealth } from '../../core/health.ts';
import { type ModelRef, parseModelRef } from '../../core/model.ts';
import { keyHealthId, type ProviderSettings } from '../../core/provider.ts';
import type { RoutingTable } from '../../core/route-plan.ts';

type Surroundings = { readonly routing: RoutingTable; readonly snapshot: HealthSnapshot; readonly nowMs: number };

/**
 * Is there no key with which any of a provider's models could be asked? A breaker counts until something has
 * succeeded, also when its rest is over and nobody has tried yet: else a provider that is out would come and go.
 */
export function isProviderDown(settings: ProviderSettings, { routing, snapshot, nowMs }: Surroundings): boolean {
  const rows = snapshot.filter((row) => row.target.provider === settings.id && isUnwell(row, nowMs));
  if (rows.length === 0) return false;
  const models = modelsOf(settings, routing);
  return settings.keys.every((key) =>
    (models.length > 0 ? models : ['*']).every((model) =>
      rows.some(
        ({ target }) =>
          (target.key === '*' || target.key === keyHealthId(key)) && (target.model === '*' || target.model === model),
      ),
    ),
  );
}

function isUnwell({ breaker, cooldown }: TargetHealth, nowMs: number): boolean {
  return breaker.state !== 'closed' || (cooldown !== undefined && cooldown.untilMs > nowMs);
}

/** Those that routing names; one that it names nowhere can still be asked by name. */
function modelsOf({ id }: ProviderSettings, { tiers, tasks, fallback }: RoutingTable): readonly string[] {
  const refs = new Set<ModelRef>([...Object.values(tiers).flat(), ...Object.values(tasks).flat(), ...fallback]);
  return [...refs].flatMap((ref) => {
    const parsed = parseModelRef(ref);
    return parsed?.provider === id ? [parsed.name] : [];
  });
}
