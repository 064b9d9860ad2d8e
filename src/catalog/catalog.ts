import {
  type Capability,
  type ModelInfo,
  type ModelRef,
  modelRef,
  type Price,
  type ProviderKind,
  parseModelRef,
} from '../core/model.ts';
import { isModelName } from '../core/model-name.ts';
import { priceFromUsdPerMTok } from '../core/money.ts';
import { isLoopbackUrl } from '../core/network/loopback.ts';
import type { ModelCatalog } from '../core/ports.ts';
import type { ProviderSettings } from '../core/provider.ts';
import { priceFromFacts } from './fact-prices.ts';
import { FACTS_BY_KIND, findFact } from './find-fact.ts';
import { modePricesOf } from './mode-prices.ts';
import type { ModelOverride } from './model-override.ts';
import { findVendorEntry, loadPriceData, type PriceData, pricedVendor } from './vendor-prices.ts';

/** The window of a model nobody knows: small enough to be true of every model in use. */
const UNKNOWN_WINDOW_TOKENS = 8_192;
/**
 * The window an Ollama model is trusted with unless configured: a longer one is reserved in
 * memory whole, and few machines can hold what the models claim.
 */
const LOCAL_WINDOW_TOKENS_MAX = 32_768;
/** Marks models that run on this machine: free, private, and slow to their first token. */
const LOCAL_TAG = 'local';

const DAY_MS = 86_400_000;
const REMEMBERED_MODELS_MAX = 2_000;

export type CatalogOptions = {
  readonly providers: readonly ProviderSettings[];
  readonly overrides: readonly ModelOverride[];
  /** For prices that change on a day. The wall clock unless given. */
  readonly nowMs?: () => number;
};

/** Builds the catalogue. The price data is loaded only when a vendor it prices is among the providers. */
export async function loadCatalog(options: CatalogOptions): Promise<ModelCatalog> {
  const priced = options.providers.some(({ kind }) => pricedVendor(kind) !== undefined);
  const priceData = priced ? await loadPriceData() : undefined;
  return createCatalog(options, priceData);
}

function createCatalog(
  { providers, overrides, nowMs = Date.now }: CatalogOptions,
  priceData?: PriceData,
): ModelCatalog {
  const providersById = new Map(providers.map((provider) => [provider.id, provider]));
  const overridesByRef = new Map(overrides.map((override) => [override.ref, override]));
  const remembered = new Map<ModelRef, ModelInfo>();
  let rememberedDay = Number.NaN;

  function find(ref: ModelRef, atMs = nowMs()): ModelInfo | undefined {
    const day = Math.floor(atMs / DAY_MS);
    if (day !== rememberedDay || remembered.size >= REMEMBERED_MODELS_MAX) remembered.clear();
    rememberedDay = day;
    const known = remembered.get(ref);
    if (known) return known;
    const parsed = parseModelRef(ref);
    const provider = parsed && providersById.get(parsed.provider);
    if (!parsed || !provider || !isModelName(parsed.name)) return undefined;
    const info = describeModel({ provider, name: parsed.name, override: overridesByRef.get(ref), priceData, atMs });
    remembered.set(ref, info);
    return info;
  }

  return {
    find,
    list() {
      const refs = new Set<ModelRef>(providers.flatMap(offeredRefs));
      for (const { ref } of overrides) refs.add(ref);
      return [...refs].flatMap((ref) => find(ref) ?? []);
    },
  };
}

/** The current models of a vendor that can be called. Which models an Ollama has, only it knows. */
function offeredRefs({ id, kind, status }: ProviderSettings): readonly ModelRef[] {
  if (status !== 'configured' || kind === 'ollama') return [];
  return FACTS_BY_KIND[kind].filter((fact) => fact.status === 'current').map((fact) => modelRef(id, fact.name));
}

type Subject = {
  readonly provider: ProviderSettings;
  readonly name: string;
  readonly override: ModelOverride | undefined;
  readonly priceData: PriceData | undefined;
  readonly atMs: number;
};

/** Configuration first, then our dated table, then the price data, then what is safe to assume. */
function describeModel({ provider, name, override, priceData, atMs }: Subject): ModelInfo {
  const fact = findFact(provider.kind, name);
  const vendor = pricedVendor(provider.kind);
  const entry = priceData && vendor ? findVendorEntry(priceData, vendor, { name, atMs }) : undefined;
  const local = isLocal(provider, name);
  const price =
    override?.price ??
    (fact?.prices && priceFromFacts(fact.prices, atMs)) ??
    entry?.price ??
    (local && provider.kind === 'ollama' ? FREE : undefined);
  const knownWindow = fact?.contextTokens ?? entry?.contextTokens;
  const window = knownWindow ?? UNKNOWN_WINDOW_TOKENS;
  const capped = provider.kind === 'ollama' && !isOllamaCloudModel(name);
  const outputTokensMax = override?.outputTokensMax ?? fact?.outputTokensMax;
  const quality = override?.quality ?? fact?.quality;
  const tags = override?.tags ?? [];
  return {
    ref: modelRef(provider.id, name),
    provider: provider.id,
    name,
    contextTokens: override?.contextTokens ?? (capped ? Math.min(window, LOCAL_WINDOW_TOKENS_MAX) : window),
    ...((override?.contextTokens ?? knownWindow) === undefined && { isContextGuessed: true }),
    ...(outputTokensMax !== undefined && { outputTokensMax }),
    ...(override?.outputTokensMax !== undefined && { isOutputMaxConfigured: true }),
    capabilities: capabilitiesOf(provider.kind, name, override),
    ...(price && { price: withModes(price, modePricesOf(provider.kind, name)) }),
    ...(quality !== undefined && { quality }),
    ...(override?.priority !== undefined && { priority: override.priority }),
    ...(override?.weight !== undefined && { weight: override.weight }),
    tags: local && !tags.includes(LOCAL_TAG) ? [...tags, LOCAL_TAG] : tags,
  };
}

/** What the configuration says of a way of serving comes before what we know of its vendor. */
function withModes(price: Price, known: NonNullable<Price['modePermille']>): Price {
  const modePermille = { ...known, ...price.modePermille };
  return Object.keys(modePermille).length > 0 ? { ...price, modePermille } : price;
}

/**
 * As configured, or what we know. An unknown model reads no images and has no native JSON schema. Tools: the four vendors give them
 * to every chat model they bring out, so an unknown name there has them; on servers that run
 * anything it has not. Ollama constrains every model to a schema by itself.
 */
export function capabilitiesOf(
  kind: ProviderKind,
  name: string,
  override: ModelOverride | undefined,
): readonly Capability[] {
  const known = override?.capabilities ?? findFact(kind, name)?.capabilities;
  if (known) return known;
  if (/embed/i.test(name)) return ['embedding'];
  if (kind === 'ollama') return ['json-schema'];
  return kind === 'openai-compatible' ? [] : ['tools'];
}

/** Runs on this machine. Ollama passes models with `cloud` in their tag on to its own service. */
function isLocal({ kind, baseUrl }: ProviderSettings, name: string): boolean {
  if (kind === 'ollama') return !isOllamaCloudModel(name) && (baseUrl === undefined || isLoopbackUrl(baseUrl));
  return kind === 'openai-compatible' && baseUrl !== undefined && isLoopbackUrl(baseUrl);
}

/** `gpt-oss:120b-cloud` and `glm-4.6:cloud` are answered by ollama.com, not by this machine. */
export function isOllamaCloudModel(name: string): boolean {
  return /[:-]cloud$/.test(name);
}

const FREE: Price = {
  tiers: [{ fromInputTokens: 0, inputPerMTok: priceFromUsdPerMTok(0), outputPerMTok: priceFromUsdPerMTok(0) }],
  version: 'local',
};
