import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProviderKind } from '../../../src/core/model.ts';
import { TIERS } from '../../../src/core/request.ts';
import { ANTHROPIC_WIRE } from '../../../src/demo/vendors/anthropic.ts';
import { GEMINI_WIRE } from '../../../src/demo/vendors/gemini.ts';
import { OLLAMA_WIRE } from '../../../src/demo/vendors/ollama.ts';
import { OPENAI_WIRE } from '../../../src/demo/vendors/openai.ts';
import { startFakeUpstream } from '../fake-upstream.ts';
import type { KnownPrice } from './evidence.ts';
import type { AuditedQuota } from './quota-audit.ts';
import { behaviour, OUTPUT_TOKENS_MAX } from './vendor-behaviour.ts';
import type { BookedVendor } from './vendor-books.ts';

/** The vendors, in the order in which every tier asks them, and the names of their keys. */
const VENDORS = [
  { id: 'first', wire: OPENAI_WIRE, keys: ['main', 'spare'] },
  { id: 'second', wire: ANTHROPIC_WIRE, keys: ['main'] },
  { id: 'third', wire: GEMINI_WIRE, keys: ['main'] },
  { id: 'local', wire: OLLAMA_WIRE, keys: ['main'] },
] as const;

const MODEL = 'model-under-test';
export const EMBEDDER = 'first/embedder';
export const UNPRICED = 'second/unpriced';
export const ATTEMPTS_MAX = 3;
/** Beyond this no attempt lives on its own, and a minute later it is given up. */
export const TOTAL_MS = 8_000;

const HOUR_MS = 3_600_000;

/** US dollars a million tokens, each vendor's own; the local one costs nothing. */
const PRICES: Readonly<Record<string, { readonly inputPerMTok: number; readonly outputPerMTok: number }>> = {
  [`first/${MODEL}`]: { inputPerMTok: 1, outputPerMTok: 4 },
  [`second/${MODEL}`]: { inputPerMTok: 0.75, outputPerMTok: 3 },
  [`third/${MODEL}`]: { inputPerMTok: 0.0375, outputPerMTok: 0.15 },
  [`local/${MODEL}`]: { inputPerMTok: 0, outputPerMTok: 0 },
  [EMBEDDER]: { inputPerMTok: 0.02, outputPerMTok: 0 },
};

/** That every paid attempt claims, whatever it is for; never reached. */
export const LIMIT_OF_ALL = 'budget all';

const BUDGETS = [
  { name: 'all', limitUsd: 1_000, window: 'month', unknownPrice: 'allow' },
  { name: 'tenants', scope: 'tenant', limitUsd: 0.014, window: zoned('America/New_York'), unknownPrice: 'allow' },
  { name: 'users', scope: 'user', limitUsd: 0.009, window: { rolling: '1h' }, unknownPrice: 'allow' },
  { name: 'teams', scope: 'team', limitUsd: 0.05, window: zoned('Europe/Berlin'), mode: 'soft' },
  { name: 'request', limitUsd: 0.01, window: 'request', unknownPrice: 'allow' },
];

const RATE_LIMITS = [
  { name: 'providers', scope: 'provider', concurrency: 8 },
  { name: 'tenants', scope: 'tenant', window: 'minute', requests: 60 },
];

/** What the audit holds the counters to: hard limits alone, in the units of the books. */
export const AUDITED: readonly AuditedQuota[] = [
  { quota: LIMIT_OF_ALL, limit: 1_000_000_000_000, rollingMs: 0 },
  { quota: 'budget tenants', limit: 14_000_000, rollingMs: 0 },
  { quota: 'budget users', limit: 9_000_000, rollingMs: HOUR_MS },
  { quota: 'limit providers concurrency', limit: 8, rollingMs: 0 },
  { quota: 'limit tenants requests', limit: 60, rollingMs: 0 },
];

function zoned(timeZone: string): object {
  return { per: 'day', timeZone };
}

export function knownPrices(): ReadonlyMap<string, KnownPrice> {
  return new Map(
    Object.entries(PRICES).map(([model, { inputPerMTok, outputPerMTok }]) => {
      const input = Math.round(inputPerMTok * 1e9);
      return [model, { input, cachedInput: input, cacheWrite: input, output: Math.round(outputPerMTok * 1e9) }];
    }),
  );
}

export type Place = {
  readonly configPath: string;
  /** What stands there, without the data folder. */
  readonly config: PlaceConfig;
  readonly dataDir: string;
  readonly vendors: readonly BookedVendor[];
  close(): Promise<void>;
};

/** Vendors that go wrong by the seed, and a configuration with limits that are reached. */
export async function openPlace(seed: number): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-reconcile-'));
  const vendors = await Promise.all(
    VENDORS.map(async ({ id, wire, keys }): Promise<BookedVendor> => {
      const react = behaviour(wire.kind, seed);
      const models = [MODEL, 'unpriced', 'embedder'];
      const known = keys.map((key) => keyOf(id, key));
      const checked = wire.kind === 'ollama' ? {} : { keys: known };
      return {
        id,
        kind: wire.kind,
        upstream: await startFakeUpstream(wire, { models, ...checked, react, hasOwnIds: true }),
      };
    }),
  );
  const dataDir = join(folder, 'data');
  const configPath = join(folder, 'mcp.config.json');
  const config = configOf(vendors);
  writeFileSync(configPath, JSON.stringify({ dataDir, ...config }));
  return {
    configPath,
    config,
    dataDir,
    vendors,
    async close() {
      await Promise.all(vendors.map(({ upstream }) => upstream.close()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Ends with the name that the books know the key by. */
function keyOf(vendor: string, key: string): string {
  return `simulated-${vendor}-${key}`;
}

type PlaceConfig = ReturnType<typeof configOf>;

function configOf(vendors: readonly BookedVendor[]) {
  const refs = VENDORS.map(({ id }) => `${id}/${MODEL}`);
  const common = { contextTokens: 32_768, outputTokensMax: OUTPUT_TOKENS_MAX };
  return {
    providers: Object.fromEntries(
      vendors.map(({ id, kind, upstream: { baseUrl } }, index) => [id, { kind, baseUrl, ...keysOf(id, kind, index) }]),
    ),
    models: {
      ...Object.fromEntries(Object.entries(PRICES).map(([ref, price]) => [ref, { price, ...common }])),
      [EMBEDDER]: { price: PRICES[EMBEDDER], contextTokens: 8_192, capabilities: ['embedding'] },
      [UNPRICED]: common,
    },
    routing: { tiers: Object.fromEntries(TIERS.map((tier) => [tier, refs])) },
    limits: { attemptsMax: ATTEMPTS_MAX, firstTokenMs: 1_500, firstTokenSlowMs: 1_500, idleMs: 700, totalMs: TOTAL_MS },
    budgets: BUDGETS,
    rateLimits: RATE_LIMITS,
    log: { level: 'error' },
  };
}

function keysOf(id: string, kind: ProviderKind, index: number): object {
  if (kind === 'ollama') return {};
  const names = VENDORS[index]?.keys ?? [];
  return { keys: names.map((name) => ({ name, value: keyOf(id, name) })) };
}
