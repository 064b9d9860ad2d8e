import { appendFileSync } from 'node:fs';
import type { Completion } from '../../src/core/completion.ts';
import type { OpenCost } from '../../src/core/costs.ts';
import { GatewayError } from '../../src/core/errors.ts';
import { type AttemptId, type CallId, createCallId } from '../../src/core/ids.ts';
import { isJsonObject, type JsonValue } from '../../src/core/json.ts';
import type { Message } from '../../src/core/message.ts';
import type { ModelInfo } from '../../src/core/model.ts';
import { nanoUsd, priceFromUsdPerMTok, signedNanoUsd, ZERO_USD } from '../../src/core/money.ts';
import type { ChatRequest, EmbedRequest } from '../../src/core/request.ts';
import type { RoutePlan } from '../../src/core/route-plan.ts';
import type {
  CallOptions,
  CostReportQuery,
  Gateway,
  GatewayAnswer,
  ModelListing,
  ProviderStatus,
} from '../../src/gateway/gateway.ts';
import type { BudgetUse } from '../../src/gateway/money/budget-report.ts';
import { replayStream } from '../../src/gateway/replay.ts';

/** What the gateway was asked, in order. */
export type Asked =
  | { readonly method: 'complete' | 'stream' | 'preview'; readonly request: ChatRequest }
  | { readonly method: 'embed'; readonly request: EmbedRequest }
  | { readonly method: 'costReport'; readonly query: CostReportQuery }
  | { readonly method: 'listModels' | 'providerStatus'; readonly query: object };

const MODEL: ModelInfo = {
  ref: 'openai/gpt-5-mini',
  provider: 'openai',
  name: 'gpt-5-mini',
  contextTokens: 400_000,
  capabilities: ['tools', 'vision', 'json-schema'],
  price: {
    tiers: [{ fromInputTokens: 0, inputPerMTok: priceFromUsdPerMTok(0.25), outputPerMTok: priceFromUsdPerMTok(2) }],
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

const PLAN: RoutePlan = {
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
export function createScriptedGateway(options: { readonly journal?: string; readonly bookingMs?: number } = {}) {
  const asked: Asked[] = [];
  const note = (event: string) => options.journal && appendFileSync(options.journal, `${event} ${Date.now()}\n`);
  const gateway: Gateway = {
    complete: async (request, callOptions) => {
      asked.push({ method: 'complete', request });
      note(`start ${request.caller.client}`);
      return act(request, callOptions, async () => {
        note('aborted');
        await new Promise((resolve) => setTimeout(resolve, options.bookingMs ?? 20));
        note('booked');
      });
    },
    stream: async (request, { signal }) => {
      asked.push({ method: 'stream', request });
      return replayStream(await act(request, { signal }, async () => undefined));
    },
    preview: async (request) => {
      asked.push({ method: 'preview', request });
      return { plan: PLAN, cached: false };
    },
    estimateTokens: () => PLAN.inputTokensEstimated,
    embed: async (request) => {
      asked.push({ method: 'embed', request });
      const usage = { ...USAGE, inputTokens: 3, cachedInputTokens: 0, outputTokens: 0, reasoningTokens: 0 };
      const embeddings = request.input.map((_, index) => [index, 0.5, -0.5]);
      return {
        embeddings,
        usage,
        model: 'embed-small',
        ref: 'openai/embed-small',
        requestId: createCallId(),
        latencyMs: 5,
      };
    },
    listModels: async (query) => {
      asked.push({ method: 'listModels', query });
      return LISTINGS;
    },
    providerStatus: async (query) => {
      asked.push({ method: 'providerStatus', query });
      return STATUSES;
    },
    costReport: async (query) => {
      asked.push({ method: 'costReport', query });
      const base = query.baseline === undefined ? {} : { baseline: BASELINE };
      const groups = query.groupBy === undefined ? [] : [{ ...TOTALS, key: 'openai/gpt-5-mini' }];
      const { fromMs, toMs, openMax = 0 } = query;
      const open = OPEN_COSTS.slice(0, openMax);
      return { fromMs, toMs, totals: TOTALS, groups, prediction: PREDICTION, open, openCount: 12, budgets, ...base };
    },
    async *costRows() {},
    requestLog: async () => [],
    once: async (_request, work) => ({ type: 'done', result: await work(async () => {}) }),
  };
  return { gateway, asked };
}

const USAGE = {
  inputTokens: 10,
  cachedInputTokens: 2,
  cacheWriteTokens: 0,
  outputTokens: 1_034,
  reasoningTokens: 20,
  source: 'reported',
} as const;

const TOTALS = {
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

const PREDICTION = { attempts: 11, medianError: 0.125, medianBias: -0.03, aboveMax: 0 };

const OPEN_COSTS: readonly OpenCost[] = [
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

const budgets: readonly BudgetUse[] = [
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

const BASELINE = { model: 'anthropic/claude-opus', costNanoUsd: nanoUsd(120_000_000), savedUsd: 0.107655 } as const;

const LISTINGS: readonly ModelListing[] = [
  { model: UNPRICED, tiers: [], available: true },
  { model: MODEL, tiers: ['medium', 'complex'], available: false },
  ...Array.from({ length: 60 }, (_, index) => ({
    model: { ...UNPRICED, ref: `lmstudio/spare-${index}` as const, name: `spare-${index}` },
    tiers: [],
    available: false,
  })),
];

const STATUSES: readonly ProviderStatus[] = [
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

async function act(request: ChatRequest, options: CallOptions, book: () => Promise<void>): Promise<GatewayAnswer> {
  const prompt = lastUserText(request.messages);
  const model = MODEL.ref;
  options.onProgress?.({ phase: 'waiting', model, outputTokens: 0 });
  switch (prompt.split(':', 1)[0]) {
    case 'slow':
      return answerAfter(Number(prompt.slice('slow:'.length)), { request, options, book });
    case 'fail':
      throw ALL_FAILED;
    case 'defect':
      throw new Error('boom with sk-live-abcdef and the prompt');
    case 'print':
      process.stdout.write('a library prints\n');
      return answerOf(request, 'printed');
    case 'big':
      return answerOf(request, 'x'.repeat(Number(prompt.slice('big:'.length))));
    default:
      return answerOf(request, prompt);
  }
}

type Slow = { readonly request: ChatRequest; readonly options: CallOptions; readonly book: () => Promise<void> };

async function answerAfter(ms: number, { request, options, book }: Slow): Promise<GatewayAnswer> {
  let outputTokens = 0;
  const ticks = setInterval(() => {
    outputTokens += 7;
    options.onProgress?.({ phase: 'receiving', model: MODEL.ref, outputTokens });
  }, 10);
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(resolve, ms);
      const abort = () => {
        clearTimeout(timer);
        reject(new GatewayError('cancelled', 'The caller cancelled.'));
      };
      if (options.signal.aborted) abort();
      options.signal.addEventListener('abort', abort, { once: true });
    });
  } catch (error) {
    await book();
    throw error;
  } finally {
    clearInterval(ticks);
  }
  return answerOf(request, 'slow answer');
}

function answerOf(request: ChatRequest, text: string): GatewayAnswer {
  const parsed: JsonValue = request.responseFormat === undefined ? null : { answer: text };
  const completion: Completion = {
    content: [{ type: 'text', text }],
    finishReason: { unified: 'stop', raw: 'stop' },
    usage: USAGE,
    model: 'gpt-5-mini-2025-08-07',
  };
  return {
    requestId: 'req_0123456789' as CallId,
    completion,
    ...(isJsonObject(parsed) && { data: parsed }),
    model: MODEL.ref,
    plan: PLAN,
    cache: text === 'cached' ? 'hit' : 'miss',
    ...(text !== 'unpriced' && { costNanoUsd: text === 'cached' ? ZERO_USD : nanoUsd(123_456) }),
    latencyMs: 812.6,
    attempts: [{ model: MODEL.ref, key: 'primary', status: 'settled', startedAtMs: 0, latencyMs: 800.2 }],
    droppedParameters: text === 'dropped' ? ['temperature'] : [],
  };
}

const ALL_FAILED = new GatewayError('all_failed', 'Both candidates failed.', {
  retryAfterMs: 12_300,
  hint: 'Wait for groq, or add a key of another provider.',
  requestId: 'req_0123456789' as CallId,
  attempts: [
    {
      model: 'groq/llama-3.3-70b',
      key: 'primary',
      status: 'failed_unbilled',
      error: 'rate_limited',
      message: 'Too many requests.',
      startedAtMs: 0,
      latencyMs: 120.4,
    },
    {
      model: 'openai/gpt-5-mini',
      key: 'default',
      status: 'not_sent',
      error: 'provider_unavailable',
      startedAtMs: 0,
      latencyMs: 3,
    },
  ],
});

function lastUserText(messages: readonly Message[]): string {
  const last = messages.findLast(({ role }) => role === 'user');
  return (last?.content ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('');
}
