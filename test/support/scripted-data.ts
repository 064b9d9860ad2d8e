import type { OpenCost } from '../../src/core/costs.ts';
import type { AttemptId, CallId } from '../../src/core/ids.ts';
import type { ModelInfo } from '../../src/core/model.ts';
import { nanoUsd, priceFromUsdPerMTok, signedNanoUsd } from '../../src/core/money.ts';
import type { RoutePlan } from '../../src/core/route-plan.ts';
import type { ModelListing, ProviderStatus } from '../../src/gateway/gateway.ts';
import type { BudgetUse } from '../../src/gateway/money/budget-report.ts';

/** What the gateway was asked, in order. */
export const MODEL: ModelInfo = {
  ref: 'openai/gpt-5-mini',
  provider: 'openai',
  name: 'gpt-5-mini',
  contextTokens: 400_000,
  capabilities: ['tools', 'vision', 'json-schema'],
  price: {
    tiers: [
      {
        fromInputTokens: 0,
        inputPerMTok: priceFromUsdPerMTok(0.25),
        outputPerMTok: priceFromUsdPerMTok(2),
        cachedInputPerMTok: priceFromUsdPerMTok(0.025),
      },
    ],
    version: 'test',
  },
  tags: [],
};

/** No price and no capability: what a self-hosted model looks like before anyone describes it. */
const UNPRICED: ModelInfo = {
  ref: 'lmstudio/qwen3-8b',
  provider: 'lmstudio',
  name: 'qwen3-8b',
  contextTokens: 8_192,
  capabilities: [],
  tags: [],
};

export const PLAN: RoutePlan = {
  strategy: 'complexity',
  tier: 'medium',
  evidence: [
    { feature: 'question words', value: 2, weight: 0.4 },
    { feature: 'language', value: 'en', weight: 0 },
  ],
  reason: 'tier medium by complexity',
  candidates: [
    { model: MODEL, reason: 'first of tier medium', costExpected: nanoUsd(123_000), costMax: nanoUsd(9_000_000) },
    { model: UNPRICED, reason: 'fallback' },
  ],
  rejected: [{ model: 'groq/llama-3.3-70b', code: 'rate_limited', reason: 'rests for 12 s', retryAfterMs: 12_000 }],
  inputTokensEstimated: 12,
  configHash: 'test',
};

/**
 * A gateway whose answers follow from the prompt, for tests of what stands before it. It calls
 * nobody; an aborted call takes `bookingMs` to book, and `journal` names a file it writes to.
 */
export const USAGE = {
  inputTokens: 10,
  cachedInputTokens: 2,
  cacheWriteTokens: 0,
  outputTokens: 1_034,
  reasoningTokens: 20,
  source: 'reported',
} as const;

export const TOTALS = {
  requests: 12,
  attempts: 14,
  failedAttempts: 2,
  cacheHits: 3,
  inputTokens: 1_234,
  outputTokens: 567,
  costNanoUsd: nanoUsd(12_345_000),
  correctionsNanoUsd: signedNanoUsd(-5_000),
  savedByCacheNanoUsd: nanoUsd(4_000_000),
  unpricedRequests: 2,
  unknownAttempts: 1,
};

export const PREDICTION = { attempts: 11, medianError: 0.125, medianBias: -0.03, aboveMax: 0 };

export const OPEN_COSTS: readonly OpenCost[] = [
  {
    attemptId: 'att_1' as AttemptId,
    requestId: 'req_1' as CallId,
    startedAtMs: Date.UTC(2026, 10, 30, 11),
    model: 'openai/gpt-5-mini',
    key: 'primary',
    kind: 'unknown',
    inputTokens: 0,
    outputTokens: 0,
    reservedNanoUsd: nanoUsd(9_000_000),
  },
  {
    attemptId: 'att_0' as AttemptId,
    requestId: 'req_0' as CallId,
    startedAtMs: Date.UTC(2026, 10, 30, 10),
    model: 'lmstudio/qwen3-8b',
    key: 'default',
    kind: 'unpriced',
    inputTokens: 20,
    outputTokens: 30,
  },
];

export const budgets: readonly BudgetUse[] = [
  {
    name: 'daily',
    limitNanoUsd: nanoUsd(20_000_000),
    settledNanoUsd: nanoUsd(12_000_000),
    reservedNanoUsd: nanoUsd(3_000_000),
    unknownNanoUsd: nanoUsd(0),
    unpricedAttempts: 1,
    share: 0.75,
    resetsAtMs: Date.UTC(2026, 11, 1),
    forecastNanoUsd: nanoUsd(24_000_000),
  },
  {
    name: 'teams',
    key: 'red',
    limitNanoUsd: nanoUsd(1_000_000_000),
    settledNanoUsd: nanoUsd(0),
    reservedNanoUsd: nanoUsd(0),
    unknownNanoUsd: nanoUsd(4_000_000),
    unpricedAttempts: 0,
    share: 0.004,
  },
];

export const BASELINE = {
  model: 'anthropic/claude-opus',
  costNanoUsd: nanoUsd(120_000_000),
  savedUsd: 0.107655,
} as const;

export const LISTINGS: readonly ModelListing[] = [
  { model: UNPRICED, tiers: [], aliases: [], available: true },
  { model: MODEL, tiers: ['medium', 'complex'], aliases: [], available: false },
  ...Array.from({ length: 60 }, (_, index) => ({
    model: { ...UNPRICED, ref: `lmstudio/spare-${index}` as const, name: `spare-${index}` },
    tiers: [],
    aliases: [],
    available: false,
  })),
];

export const STATUSES: readonly ProviderStatus[] = [
  {
    id: 'openai',
    kind: 'openai',
    status: 'degraded',
    successRate: 0.975,
    latencyMsP50: 812.4,
    latencyMsP95: 2_100,
    requests: 120,
    breaker: 'half-open',
    cooldownUntilMs: Date.UTC(2026, 10, 30, 12, 0, 5),
    keys: [
      { name: 'primary', status: 'cooling', untilMs: Date.UTC(2026, 10, 30, 12, 0, 5), reason: 'rate_limited' },
      { name: 'spare', status: 'ready' },
    ],
    lastError: { code: 'rate_limited', message: 'Too many requests.', atMs: Date.UTC(2026, 10, 30, 11, 59, 0) },
  },
  { id: 'ollama', kind: 'ollama', status: 'unknown', requests: 0, breaker: 'closed', keys: [], probedModels: 1 },
];
