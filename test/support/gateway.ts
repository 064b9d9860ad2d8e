import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RequestRecord } from '../../src/core/books.ts';
import { GatewayError } from '../../src/core/errors.ts';
import { DEFAULT_LIMITS, type Limits } from '../../src/core/limits.ts';
import { type ModelInfo, type ModelRef, parseModelRef } from '../../src/core/model.ts';
import { priceFromUsdPerMTok } from '../../src/core/money.ts';
import type { RequestEvent } from '../../src/core/observer.ts';
import type { Clock, Logger, ModelCatalog, OutcomeSink } from '../../src/core/ports.ts';
import type { ProviderSettings } from '../../src/core/provider.ts';
import type { Budget, RateLimit } from '../../src/core/quota.ts';
import type { ChatRequest, RoutingHints } from '../../src/core/request.ts';
import type { RoutingTable } from '../../src/core/route-plan.ts';
import { createGateway } from '../../src/gateway/create-gateway.ts';
import type { AnswerPart, GatewayStream } from '../../src/gateway/gateway.ts';
import { createWaiting } from '../../src/gateway/money/create-waiting.ts';
import { createSteering } from '../../src/gateway/pacing/create-steering.ts';
import type { AdaptiveLimitOptions } from '../../src/resilience/adaptive-limit.ts';
import { HealthRecorder } from '../../src/resilience/health-recorder.ts';
import { createRetryBudget } from '../../src/resilience/retry-budget.ts';
import { SYSTEM_CLOCK } from '../../src/resilience/system-clock.ts';
import type { SiteView } from '../../src/routing/complexity/classify.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { ScriptedProvider } from './scripted-provider.ts';

const QUIET_LOGGER: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** A model at 1 $ in and 2 $ out a million tokens, unless said otherwise. */
export function model(ref: ModelRef, more: Partial<ModelInfo> = {}): ModelInfo {
  const parsed = parseModelRef(ref);
  if (!parsed) throw new RangeError(ref);
  const price = { fromInputTokens: 0, inputPerMTok: priceFromUsdPerMTok(1), outputPerMTok: priceFromUsdPerMTok(2) };
  return {
    ref,
    ...parsed,
    contextTokens: 100_000,
    outputTokensMax: 4_000,
    capabilities: [],
    price: { tiers: [price], version: 'test' },
    tags: [],
    ...more,
  };
}

/** A catalogue of exactly these models. */
function catalogOf(models: readonly ModelInfo[]): ModelCatalog {
  return { find: (ref) => models.find((one) => one.ref === ref), list: () => models };
}

export type HarnessOptions = {
  readonly providers: readonly ScriptedProvider[];
  readonly models: readonly ModelInfo[];
  readonly settings?: readonly ProviderSettings[];
  readonly limits?: Partial<Limits>;
  readonly budgets?: readonly Budget[];
  readonly rateLimits?: readonly RateLimit[];
  readonly clock?: Clock;
  readonly dataDir?: string;
  readonly table?: Partial<RoutingTable>;
  readonly logger?: Logger;
  readonly slots?: Partial<AdaptiveLimitOptions>;
  readonly outcomes?: OutcomeSink;
  readonly cacheEnabled?: boolean;
  readonly site?: () => SiteView | undefined;
};

/** A gateway on a real store in a temporary folder; every tier lists all models in order. */
export async function openGateway(options: HarnessOptions) {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'signalbox-gateway-'));
  const { clock = SYSTEM_CLOCK, logger = QUIET_LOGGER, cacheEnabled: enabled = true } = options;
  const cache = { enabled, ttlMs: 7 * 86_400_000, maxBytes: 10_000_000 };
  const store = await openStore({ dataDir, cache, clock, logger });
  const refs = options.models.filter(({ capabilities }) => !capabilities.includes('embedding')).map(({ ref }) => ref);
  const table: RoutingTable = {
    strategy: 'complexity',
    tiers: { trivial: refs, simple: refs, medium: refs, complex: refs, expert: refs },
    tasks: {},
    fallback: [],
    aliases: {},
    configHash: 'test',
    ...options.table,
  };
  const settings = options.settings ?? options.providers.map(({ id, kind }) => settingsFor(id, kind));
  const events: RequestEvent[] = [];
  const waiting = createWaiting(clock, options.slots);
  const gateway = createGateway({
    ledger: store.ledger,
    cache: store.cache,
    health: store.health,
    idempotency: store.idempotency,
    recorder: new HealthRecorder({ health: store.health, clock, logger }),
    retryBudget: createRetryBudget(),
    ...waiting,
    catalog: async () => catalogOf(options.models),
    providers: {
      settings,
      async load(id) {
        const provider = options.providers.find((one) => one.id === id);
        if (!provider) throw new GatewayError('unknown_provider', id);
        return provider;
      },
    },
    table,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    spendingLimits: { budgets: options.budgets ?? [], rateLimits: options.rateLimits ?? [] },
    clock,
    // The least jitter: retries do not make tests wait.
    random: { next: () => 0 },
    logger,
    observer: { requestEnded: (event) => events.push(event) },
    steering: createSteering({ states: store.states, table, clock, logger }),
    ...(options.outcomes && { outcomes: options.outcomes }),
    ...(options.site && { site: options.site }),
  });

  return {
    gateway,
    /** What the observer heard, oldest first. */
    events,
    store,
    waiting,
    dataDir,
    ask: (prompt: string, hints: Partial<RoutingHints> = {}, more: Partial<ChatRequest> = {}) =>
      gateway.complete(chat(prompt, hints, more), { signal: new AbortController().signal }),
    stream: (
      prompt: string,
      hints: Partial<RoutingHints> = {},
      { signal = new AbortController().signal, ...more }: Partial<ChatRequest> & { signal?: AbortSignal } = {},
    ) => gateway.stream(chat(prompt, hints, more), { signal }),
    /** All requests in the books, newest first, once everything under way is booked. */
    async books(): Promise<readonly RequestRecord[]> {
      await gateway.drain();
      await new Promise((resolve) => setTimeout(resolve, 20));
      return store.ledger.recentRequests({ limit: 1_000 });
    },
    async close() {
      await gateway.drain();
      await store.close();
      if (!options.dataDir) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

export function settingsFor(id: string, kind: ProviderSettings['kind'] = 'openai-compatible'): ProviderSettings {
  return { id, kind, keys: [{ name: 'main', value: `key-of-${id}`, weight: 1 }], status: 'configured' };
}

export function chat(prompt: string, hints: Partial<RoutingHints> = {}, more: Partial<ChatRequest> = {}): ChatRequest {
  return {
    messages: [{ role: 'user', content: [{ type: 'text', text: prompt }] }],
    routing: { cache: 'use', ...hints },
    caller: { tenant: 'local', client: 'test' },
    ...more,
  };
}

/** All parts of a stream. */
export async function partsOf({ parts }: GatewayStream): Promise<readonly AnswerPart[]> {
  const all: AnswerPart[] = [];
  for await (const part of parts) all.push(part);
  return all;
}

/** The `GatewayError` a promise rejects with; fails when it does not, or with a defect of ours, which no test means. */
export async function failure(promise: Promise<unknown>): Promise<GatewayError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof GatewayError && error.code !== 'internal') return error;
    throw error;
  }
  throw new Error('expected a GatewayError, but the promise resolved');
}
