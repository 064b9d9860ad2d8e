import { findFact } from '../../catalog/find-fact.ts';
import { type ModelRef, modelRef } from '../../core/model.ts';
import type { ProviderSettings } from '../../core/provider.ts';

/**
 * Models of a key are called as the vendor calls them; `openai/gpt-6` of the provider `openai` would match nothing.
 * There the provider's name is left out, but only where the rest is a model that is known and the whole is none:
 * `groq/compound` is a vendor's own name.
 */
export function withVendorNames(
  providers: readonly ProviderSettings[],
  named: ReadonlySet<ModelRef>,
): readonly ProviderSettings[] {
  return providers.map((settings) => ({
    ...settings,
    keys: settings.keys.map(({ models, ...key }) =>
      models === undefined ? key : { ...key, models: models.map((name) => vendorName(name, settings, named)) },
    ),
  }));
}

function vendorName(name: string, { id, kind }: ProviderSettings, named: ReadonlySet<ModelRef>): string {
  const isKnown = (candidate: string) => named.has(modelRef(id, candidate)) || findFact(kind, candidate) !== undefined;
  const rest = name.startsWith(`${id}/`) ? name.slice(id.length + 1) : '';
  return rest !== '' && isKnown(rest) && !isKnown(name) ? rest : name;
}
