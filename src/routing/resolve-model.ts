import { GatewayError } from '../core/errors.ts';
import { listedModels } from '../core/listed-models.ts';
import { type ModelInfo, type ModelRef, modelRef, type ProviderId, parseModelRef } from '../core/model.ts';
import type { ModelCatalog } from '../core/ports.ts';
import type { ProviderSettings } from '../core/provider.ts';
import type { RoutingTable } from '../core/route-plan.ts';
import { suggestModels } from '../core/wording/suggest-models.ts';
import { requireProvider, unknownProvider } from './resolve-provider.ts';

export type ModelScope = {
  /** Absent where aliases and lists do not apply. */
  readonly table?: RoutingTable;
  readonly catalog: ModelCatalog;
  readonly providers: readonly ProviderSettings[];
  /** Where a bare name is looked for; everywhere when absent. */
  readonly provider?: ProviderId;
};

/**
 * The model a caller means by an alias, by `provider/model`, or by a bare known name (of several
 * providers that have it, the first usable one in the order of the configuration). Throws
 * `unknown_provider` or, with near matches, `unknown_model`.
 */
export function resolveModel(text: string, scope: ModelScope): ModelInfo {
  const name = text.trim();
  const { table, providers } = scope;
  const alias = table && Object.hasOwn(table.aliases, name) ? table.aliases[name] : undefined;
  if (alias !== undefined) return describe(alias, scope);

  const parsed = parseModelRef(name);
  const typed = parsed && providers.find(({ id }) => id === parsed.provider);
  if (scope.provider !== undefined) {
    const within = modelRef(scope.provider, name);
    if (!typed || isKnown(within, scope)) {
      return knownModel(within, requireProvider(scope.provider, providers), scope);
    }
  }
  if (typed) return knownModel(name as ModelRef, typed, scope);

  const found = findBareName(name, scope);
  if (found) return describe(found, scope);
  if (parsed) throw unknownProvider(parsed.provider, providers);
  throw unknownModel(name, scope);
}

/** Every model that the catalogue, the lists and the aliases name. */
function namedRefs({ table, catalog }: ModelScope): readonly ModelRef[] {
  const listed = table ? [...listedModels(table), ...Object.values(table.aliases)] : [];
  return [...new Set([...catalog.list().map(({ ref }) => ref), ...listed])];
}

function findBareName(name: string, scope: ModelScope): ModelRef | undefined {
  const refs = namedRefs(scope).filter((ref) => parseModelRef(ref)?.name === name);
  const listed = scope.providers.filter(({ id }) => refs.includes(modelRef(id, name)));
  // Clients name older and dated models too (`claude-haiku-4-5-20251001`), which no list has.
  const isOlder = (one: ProviderSettings) => !runsAnything(one) && hasFacts(modelRef(one.id, name), scope);
  // Facts are found in any spelling; vendors know their names in small letters only.
  const isVendors = name === name.toLowerCase();
  const owners = listed.length > 0 || !isVendors ? listed : scope.providers.filter(isOlder);
  const owner = owners.find(({ status }) => status === 'configured') ?? owners[0];
  return owner && modelRef(owner.id, name);
}

/**
 * A name typed with its provider. Vendors whose models are known refuse unknown ones, for a typing
 * error would only come back as theirs; servers that run anything take any name.
 */
function knownModel(ref: ModelRef, provider: ProviderSettings, scope: ModelScope): ModelInfo {
  if (
    !runsAnything(provider) &&
    !isKnown(ref, scope) &&
    scope.catalog.list().some((model) => model.provider === provider.id)
  ) {
    throw unknownModel(ref, scope, provider);
  }
  return describe(ref, scope);
}

function runsAnything({ kind }: ProviderSettings): boolean {
  return kind === 'ollama' || kind === 'openai-compatible';
}

/** Listed, or found with facts of its own: an older or dated model that the list leaves out. */
function isKnown(ref: ModelRef, scope: ModelScope): boolean {
  return hasFacts(ref, scope) || namedRefs(scope).includes(ref);
}

function hasFacts(ref: ModelRef, { catalog }: ModelScope): boolean {
  const info = catalog.find(ref);
  return info?.price !== undefined || info?.quality !== undefined;
}

function describe(ref: ModelRef, scope: ModelScope): ModelInfo {
  const info = scope.catalog.find(ref);
  if (!info) throw unknownModel(ref, scope);
  return info;
}

function unknownModel(name: string, scope: ModelScope, provider?: ProviderSettings): GatewayError {
  const aliases = Object.keys(scope.table?.aliases ?? {});
  const near = suggestModels(name, [...aliases, ...namedRefs(scope)]);
  const known = near.length > 0 ? `Did you mean ${near.join(', ')}?` : 'list_models shows the models there are.';
  // Another server than the vendor's may have models of its own.
  const isElsewhere = provider?.baseUrl !== undefined;
  return new GatewayError('unknown_model', `There is no model "${name}".`, {
    hint: isElsewhere
      ? `${known} One that only its server knows needs an entry under "models" in the configuration.`
      : known,
  });
}
