import { type ModelInfo, type ModelRef, parseModelRef } from '../../src/core/model.ts';
import { type NanoUsdPerMTok, nanoUsdFromUsd } from '../../src/core/money.ts';
import type { ModelCatalog } from '../../src/core/ports.ts';
import type { ApiKey, ProviderSettings } from '../../src/core/provider.ts';
import type { ChatRequest, RoutingHints } from '../../src/core/request.ts';
import type { RoutingTable } from '../../src/core/route-plan.ts';

/** Dollars a million tokens, in and out. */
type UsdPrice = readonly [input: number, output: number];
type ModelOptions = Partial<Omit<ModelInfo, 'ref' | 'provider' | 'name' | 'price'>> & { readonly usd?: UsdPrice };

/** A model from plain data: 128k window, tools, no price unless given. */
export function modelOf(ref: ModelRef, { usd, ...options }: ModelOptions = {}): ModelInfo {
  const { provider, name } = parseModelRef(ref) ?? { provider: ref, name: ref };
  return {
    ref,
    provider,
    name,
    contextTokens: 128_000,
    capabilities: ['tools'],
    tags: [],
    ...(usd && { price: priceOf(usd) }),
    ...options,
  };
}

function priceOf([input, output]: UsdPrice): NonNullable<ModelInfo['price']> {
  const inputPerMTok = nanoUsdFromUsd(input) as number as NanoUsdPerMTok;
  const outputPerMTok = nanoUsdFromUsd(output) as number as NanoUsdPerMTok;
  return { tiers: [{ fromInputTokens: 0, inputPerMTok, outputPerMTok }], version: 'test' };
}

/** A catalogue of exactly these models; others of the providers get the defaults of an unknown model. */
export function catalogOf(models: readonly ModelInfo[], providers: readonly ProviderSettings[]): ModelCatalog {
  return {
    find(ref) {
      const known = models.find((model) => model.ref === ref);
      if (known) return known;
      const provider = parseModelRef(ref)?.provider;
      if (!providers.some(({ id }) => id === provider)) return undefined;
      return modelOf(ref, { contextTokens: 8_192, capabilities: [] });
    },
    list: () => models,
  };
}

export function providerOf(id: string, options: Partial<ProviderSettings> = {}): ProviderSettings {
  return { id, kind: 'openai', keys: [keyOf('main')], status: 'configured', ...options };
}

export function keyOf(name: string, models?: readonly string[]): ApiKey {
  return { name, value: `secret-${name}`, weight: 1, ...(models && { models }) };
}

export function tableOf(table: Partial<RoutingTable> = {}): RoutingTable {
  return {
    strategy: 'complexity',
    tasks: {},
    fallback: [],
    aliases: {},
    configHash: 'test',
    ...table,
    tiers: { trivial: [], simple: [], medium: [], complex: [], expert: [], ...table.tiers },
  };
}

/** A request of one user turn. */
export function requestOf(
  text: string,
  routing: Partial<RoutingHints> = {},
  rest: Partial<Omit<ChatRequest, 'routing'>> = {},
): ChatRequest {
  return {
    messages: [{ role: 'user', content: [{ type: 'text', text }] }],
    routing: { cache: 'use', ...routing },
    caller: { tenant: 'local', client: 'test' },
    ...rest,
  };
}
