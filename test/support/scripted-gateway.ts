import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Completion } from '../../src/core/completion.ts';
import { GatewayError } from '../../src/core/errors.ts';
import { type CallId, createCallId } from '../../src/core/ids.ts';
import { isJsonObject, type JsonValue } from '../../src/core/json/json.ts';
import type { Message } from '../../src/core/message.ts';
import { nanoUsd, ZERO_USD } from '../../src/core/money.ts';
import type { ChatRequest, EmbedRequest } from '../../src/core/request.ts';
import type { CallOptions, CostReportQuery, Gateway, GatewayAnswer } from '../../src/gateway/gateway.ts';
import { replayStream } from '../../src/gateway/replay.ts';
import {
  BASELINE,
  budgets,
  LISTINGS,
  MODEL,
  OPEN_COSTS,
  PLAN,
  PREDICTION,
  STATUSES,
  TOTALS,
  USAGE,
} from './scripted-data.ts';

/** What the gateway was asked, in order. */
export type Asked =
  | { readonly method: 'complete' | 'stream' | 'preview'; readonly request: ChatRequest }
  | { readonly method: 'embed'; readonly request: EmbedRequest }
  | { readonly method: 'costReport'; readonly query: CostReportQuery }
  | { readonly method: 'listModels' | 'findModel' | 'providerStatus'; readonly query: object };

export function createScriptedGateway(options: { readonly journal?: string; readonly bookingMs?: number } = {}) {
  const asked: Asked[] = [];
  const { promise: letGo, resolve: letAllGo } = Promise.withResolvers<void>();
  const note = (event: string) => options.journal && appendFileSync(options.journal, `${event} ${Date.now()}\n`);
  const gateway: Gateway = {
    complete: async (request, callOptions) => {
      asked.push({ method: 'complete', request });
      note(`start ${request.caller.client}`);
      return act(request, { ...callOptions, letGo }, async () => {
        note('aborted');
        await new Promise((resolve) => setTimeout(resolve, options.bookingMs ?? 20));
        note('booked');
      });
    },
    stream: async (request, { signal }) => {
      asked.push({ method: 'stream', request });
      return replayStream(await act(request, { signal, letGo }, async () => undefined));
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
        attempts: [],
        latencyMs: 5,
      };
    },
    listModels: async (query) => {
      asked.push({ method: 'listModels', query });
      return LISTINGS;
    },
    checkNames: async () => undefined,
    findModel: async (name) => {
      asked.push({ method: 'findModel', query: { name } });
      const found = LISTINGS.find(({ model }) => model.ref === name);
      if (!found) throw new GatewayError('unknown_model', `There is no model "${name}".`);
      return found.model;
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
  return { gateway, asked, letAllGo };
}

/** The prompt says what becomes of the call: `slow:300` is answered after 300 ms, `held` once all of them are let go. */
async function act(request: ChatRequest, options: ActOptions, book: () => Promise<void>): Promise<GatewayAnswer> {
  const prompt = lastUserText(request.messages);
  const model = MODEL.ref;
  options.onProgress?.({ phase: 'waiting', model, outputTokens: 0 });
  switch (prompt.split(':', 1)[0]) {
    case 'slow':
      return answerAfter(delay(Number(prompt.slice('slow:'.length)), undefined, options), { request, options, book });
    case 'held':
      return answerAfter(options.letGo, { request, options, book });
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

type ActOptions = CallOptions & { readonly letGo: Promise<void> };
type Slow = { readonly request: ChatRequest; readonly options: CallOptions; readonly book: () => Promise<void> };

async function answerAfter(end: Promise<void>, { request, options, book }: Slow): Promise<GatewayAnswer> {
  let outputTokens = 0;
  const ticks = setInterval(() => {
    outputTokens += 7;
    options.onProgress?.({ phase: 'receiving', model: MODEL.ref, outputTokens });
  }, 10);
  try {
    await new Promise<void>((resolve, reject) => {
      end.then(resolve, () => {});
      const abort = () => reject(new GatewayError('cancelled', 'The caller cancelled.'));
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
