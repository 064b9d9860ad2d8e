import { GatewayError } from '../core/errors.ts';
import { restingUntil } from '../core/health.ts';
import { CAPABILITIES, type Capability, type ModelInfo } from '../core/model.ts';
import { mayBeUsedFor } from '../core/provider.ts';
import { type RoutingHints, TIERS } from '../core/request.ts';
import { resolveModel } from '../routing/resolve-model.ts';
import { requireProvider } from '../routing/resolve-provider.ts';
import type { ModelListing } from './gateway.ts';
import type { GatewayParts } from './parts.ts';
import { chosenSettings } from './provider-status.ts';

/** The known models of the configured providers, each with the tiers it stands in. */
export async function listModels(
  parts: GatewayParts,
  query: { readonly provider?: string; readonly capability?: string; readonly query?: string },
): Promise<readonly ModelListing[]> {
  const settings = chosenSettings(parts.providers.settings, query.provider);
  const capability = query.capability === undefined ? undefined : parseCapability(query.capability);
  const words = (query.query ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  const catalog = await parts.catalog();
  const { tiers, aliases } = parts.table;
  const health = parts.health.snapshot();
  const nowMs = parts.clock.nowMs();

  return catalog.list().flatMap((model) => {
    const provider = settings.find(({ id }) => id === model.provider);
    if (!provider) return [];
    if (capability && !model.capabilities.includes(capability)) return [];
    if (!words.every((word) => model.ref.toLowerCase().includes(word))) return [];
    const available =
      provider.status === 'configured' &&
      provider.keys.some(
        (key) =>
          mayBeUsedFor(key, model.name) &&
          !restingUntil(health, { provider: provider.id, key, model: model.name }, nowMs),
      );
    return [
      {
        model,
        tiers: TIERS.filter((tier) => tiers[tier].includes(model.ref)),
        aliases: Object.keys(aliases).filter((alias) => aliases[alias] === model.ref),
        available,
      },
    ];
  });
}

/** The model that a request would mean by this name. Throws as a request would: see `resolveModel`. */
export async function findModel(parts: GatewayParts, name: string): Promise<ModelInfo> {
  const { table, providers } = parts;
  return resolveModel(name, { table, catalog: await parts.catalog(), providers: providers.settings });
}

/** Throws as a request would that names this model, this provider or both. */
export async function checkNames(
  parts: GatewayParts,
  { model, provider }: Pick<RoutingHints, 'model' | 'provider'>,
): Promise<void> {
  const { table, providers } = parts;
  const within = provider !== undefined && { provider: requireProvider(provider, providers.settings).id };
  if (model === undefined) return;
  resolveModel(model, { table, catalog: await parts.catalog(), providers: providers.settings, ...within });
}

function parseCapability(text: string): Capability {
  const known = CAPABILITIES.find((capability) => capability === text);
  if (known) return known;
  throw new GatewayError('invalid_request', `capability "${text}" is not known.`, {
    hint: `Use one of: ${CAPABILITIES.join(', ')}.`,
  });
}
