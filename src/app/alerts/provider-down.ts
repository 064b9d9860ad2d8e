import { type HealthSnapshot, isUnwell } from '../../core/health.ts';
import { listedModelsOf } from '../../core/listed-models.ts';
import { keyHealthId, type ProviderSettings } from '../../core/provider.ts';
import type { RoutingTable } from '../../core/route-plan.ts';

type ProviderEvidence = { readonly routing: RoutingTable; readonly snapshot: HealthSnapshot; readonly nowMs: number };

/**
 * Did all of a provider's models, with all of its keys, fail when they were last asked, or must they rest? A provider
 * that was taken out as a whole counts until somebody has found that it is back: services ask for that.
 */
export function isProviderDown(settings: ProviderSettings, { routing, snapshot, nowMs }: ProviderEvidence): boolean {
  const rows = snapshot.filter((row) => row.target.provider === settings.id && isUnwell(row, nowMs));
  if (rows.length === 0) return false;
  const models = listedModelsOf(settings.id, routing);
  return settings.keys.every((key) =>
    models.every((model) =>
      rows.some(
        ({ target }) =>
          (target.key === '*' || target.key === keyHealthId(key)) && (target.model === '*' || target.model === model),
      ),
    ),
  );
}
