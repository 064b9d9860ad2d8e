import { GatewayError } from '../core/errors.ts';
import type { ModelInfo, ModelRef } from '../core/model.ts';
import type { ModelCatalog } from '../core/ports.ts';
import type { ProviderSettings } from '../core/provider.ts';
import { TASKS, type Tier } from '../core/request.ts';
import type { RoutingTable } from '../core/route-plan.ts';
import { refuseProvider } from './filters.ts';
import { nearestTiers } from './nearest-tiers.ts';
import type { ModelList } from './sieve.ts';

type ListContext = {
  readonly table: RoutingTable;
  readonly catalog: ModelCatalog;
  /** The list that would decide without the provider. */
  readonly first: ModelList;
  readonly tier: Tier;
  /** The provider may not be left, so one without any model is an error of its own. */
  readonly strict: boolean;
};

/** Of a whole catalogue only the nearest few are worth trying. */
const CATALOGUE_MODELS_MAX = 5;
/** The quality a tier is about; models are sorted by their distance from it. */
const TIER_QUALITY = { trivial: 0.2, simple: 0.4, medium: 0.6, complex: 0.8, expert: 1 } as const satisfies Record<
  Tier,
  number
>;

/**
 * The models of one provider, the nearest to the request first: those of the deciding list, of the
 * other tiers by their distance, of the tasks and the fallback, then of its catalogue.
 */
export function listsOfProvider(provider: ProviderSettings, context: ListContext): readonly ModelList[] {
  const { table, catalog, first, tier, strict } = context;
  const { id } = provider;
  const own = (refs: readonly ModelRef[]) => refs.filter((ref) => ref.startsWith(`${id}/`));
  const lists: readonly ModelList[] = [
    { label: `${first.label} at ${id}`, refs: own(first.refs), ranked: true },
    ...nearestTiers(tier).map((near) => ({
      label: `tier ${near} at ${id}`,
      refs: own(table.tiers[near]),
      ranked: true,
    })),
    ...TASKS.map((task) => ({ label: `task ${task} at ${id}`, refs: own(table.tasks[task] ?? []), ranked: true })),
    { label: `fallback at ${id}`, refs: own(table.fallback), ranked: true },
    {
      label: `the catalogue of ${id}`,
      refs: catalogueRefs(catalog, id, tier),
      ranked: true,
      keptMax: CATALOGUE_MODELS_MAX,
    },
  ];
  if (strict) requireSomething(provider, lists);
  return lists;
}

function catalogueRefs(catalog: ModelCatalog, id: string, tier: Tier): readonly ModelRef[] {
  const distance = ({ quality }: ModelInfo) =>
    quality === undefined ? Number.MAX_VALUE : Math.abs(quality - TIER_QUALITY[tier]);
  return catalog
    .list()
    .filter(({ provider, capabilities }) => provider === id && !capabilities.includes('embedding'))
    .toSorted((left, right) => distance(left) - distance(right))
    .map(({ ref }) => ref);
}

function requireSomething(provider: ProviderSettings, lists: readonly ModelList[]): void {
  const refusal = refuseProvider(provider, provider.id);
  if (refusal) {
    const remedy =
      provider.status === 'disabled'
        ? 'Take "enabled": false out of the configuration'
        : 'Set its key in the environment or the configuration';
    throw new GatewayError(refusal.code, `The request asks for a provider, but ${refusal.reason}.`, {
      hint: `${remedy}, or leave the provider out.`,
      provider: provider.id,
      param: 'provider',
    });
  }
  if (lists.some(({ refs }) => refs.length > 0)) return;
  throw new GatewayError('unknown_model', `No model of provider ${provider.id} is known.`, {
    hint: `Name one as ${provider.id}/model, or list it under models in the configuration.`,
    provider: provider.id,
    param: 'provider',
  });
}
