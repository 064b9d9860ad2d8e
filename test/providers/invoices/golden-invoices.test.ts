import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { calcPrice, extractUsage, findProvider } from '@pydantic/genai-prices';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCatalog } from '../../../src/catalog/catalog.ts';
import { type ModelInfo, type ModelRef, PROVIDER_KINDS, type ProviderKind } from '../../../src/core/model.ts';
import { nanoUsdFromUsd, priceFromUsdPerMTok } from '../../../src/core/money.ts';
import { knownCostOf } from '../../../src/core/price.ts';
import type { ProviderSettings } from '../../../src/core/provider.ts';
import type { Usage } from '../../../src/core/usage.ts';
import { createProviderDirectory } from '../../../src/providers/registry.ts';
import { transportOf } from '../../support/transport.ts';
import { ANTHROPIC_INVOICES } from './anthropic-invoices.ts';
import { GEMINI_INVOICES } from './gemini-invoices.ts';
import type { Invoice } from './invoice.ts';
import { OPENAI_INVOICES } from './openai-invoices.ts';
import { COMPATIBLE_INVOICES, GROQ_INVOICES, OLLAMA_INVOICES } from './other-invoices.ts';

const INVOICES: readonly Invoice[] = [
  ...OPENAI_INVOICES,
  ...ANTHROPIC_INVOICES,
  ...GEMINI_INVOICES,
  ...GROQ_INVOICES,
  ...COMPATIBLE_INVOICES,
  ...OLLAMA_INVOICES,
];

type Answer = { readonly body: object; readonly frames: readonly string[] };
let next: Answer = { body: {}, frames: [] };
/** Says what a test told it to, whatever it is asked. */
const vendor = createServer((request, response) => {
  let asked = '';
  request.setEncoding('utf8').on('data', (piece: string) => {
    asked += piece;
  });
  request.on('end', () => {
    const streams = request.url?.includes('streamGenerateContent') || /"stream":\s*true/.test(asked);
    const type = streams
      ? request.url === '/api/chat'
        ? 'application/x-ndjson'
        : 'text/event-stream'
      : 'application/json';
    response.writeHead(200, { 'content-type': type });
    response.end(streams ? next.frames.join('') : JSON.stringify(next.body));
  });
});
let baseUrl = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => vendor.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(vendor.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => vendor.close(resolve)));

const kindOf = (ref: ModelRef): ProviderKind =>
  PROVIDER_KINDS.find((kind) => ref.startsWith(`${kind}/`)) ?? 'openai-compatible';
const event = (data: object, name?: string) => `${name ? `event: ${name}\n` : ''}data: ${JSON.stringify(data)}\n\n`;
const DONE = 'data: [DONE]\n\n';

/** The usage in the vendor's own answer, whole and streamed. */
const ANSWERS: Readonly<Record<'chat' | 'anthropic' | 'gemini' | 'ollama', (invoice: Invoice) => Answer>> = {
  chat: ({ usage, served }) => {
    const head = {
      id: 'c-1',
      object: 'chat.completion',
      created: 1,
      model: 'm',
      ...(served && { service_tier: served }),
    };
    const chunk = { ...head, object: 'chat.completion.chunk' };
    return {
      body: {
        ...head,
        choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
        usage,
      },
      frames: [
        event({ ...chunk, choices: [{ index: 0, delta: { content: 'Hi' }, finish_reason: 'stop' }], usage: null }),
        event({ ...chunk, choices: [], usage }),
        DONE,
      ],
    };
  },
  anthropic: ({ usage }) => {
    const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', stop_sequence: null };
    const { output_tokens, output_tokens_details, ...input } = usage as Record<string, unknown>;
    return {
      body: { ...message, content: [{ type: 'text', text: 'Hi' }], stop_reason: 'end_turn', usage },
      frames: [
        event(
          {
            type: 'message_start',
            message: { ...message, content: [], stop_reason: null, usage: { ...input, output_tokens: 1 } },
          },
          'message_start',
        ),
        event(
          { type: 'content_block_start', index: 0, content_block: { type: 'text', text: 'Hi' } },
          'content_block_start',
        ),
        event({ type: 'content_block_stop', index: 0 }, 'content_block_stop'),
        event(
          {
            type: 'message_delta',
            delta: { stop_reason: 'end_turn', stop_sequence: null },
            usage: { output_tokens, ...(output_tokens_details ? { output_tokens_details } : {}) },
          },
          'message_delta',
        ),
        event({ type: 'message_stop' }, 'message_stop'),
      ],
    };
  },
  gemini: ({ usage }) => {
    const body = {
      candidates: [{ content: { role: 'model', parts: [{ text: 'Hi' }] }, finishReason: 'STOP', index: 0 }],
      usageMetadata: usage,
      modelVersion: 'm',
    };
    return { body, frames: [event(body)] };
  },
  ollama: ({ usage }) => {
    const body = { model: 'm', created_at: '2026-01-01T00:00:00Z', message: { role: 'assistant', content: 'Hi' } };
    const whole = { ...body, done: true, done_reason: 'stop', ...usage };
    return { body: whole, frames: [`${JSON.stringify(whole)}\n`] };
  },
};

function answerOf(invoice: Invoice): Answer {
  const kind = kindOf(invoice.model);
  return ANSWERS[kind === 'anthropic' || kind === 'gemini' || kind === 'ollama' ? kind : 'chat'](invoice);
}

const PRICE = {
  tiers: [
    {
      fromInputTokens: 0,
      inputPerMTok: priceFromUsdPerMTok(1),
      outputPerMTok: priceFromUsdPerMTok(4),
      cachedInputPerMTok: priceFromUsdPerMTok(0.1),
      cacheWritePerMTok: priceFromUsdPerMTok(1.25),
      cacheWrite1hPerMTok: priceFromUsdPerMTok(2),
      reasoningPerMTok: priceFromUsdPerMTok(3),
    },
  ],
  version: 'config',
  perWebSearch: nanoUsdFromUsd(0.005),
} as const;

/** What the books would hold: asked through the real adapter and the vendor's SDK, priced by the catalogue. */
async function bill(invoice: Invoice, streamed: boolean) {
  const kind = kindOf(invoice.model);
  const id = invoice.model.slice(0, invoice.model.indexOf('/'));
  const key = { name: 'k', value: 'key', weight: 1 };
  const settings: ProviderSettings = { id, kind, baseUrl, keys: [key], status: 'configured' };
  const catalog = await loadCatalog({ providers: [settings], overrides: [{ ref: 'compatible/m', price: PRICE }] });
  const model = catalog.find(invoice.model) as ModelInfo;
  const provider = await createProviderDirectory([settings], async () => transportOf()).load(id);
  next = answerOf(invoice);
  const request = { model, messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] } as const;
  const context = { apiKey: 'key', signal: new AbortController().signal };
  let usage: Usage | undefined;
  if (!streamed) usage = (await provider.complete(request, context)).usage;
  else {
    for await (const part of provider.stream?.(request, context) ?? []) {
      if (part.type === 'error') throw part.error;
      if (part.type === 'usage') usage = part.usage;
    }
  }
  if (!usage || !model.price) throw new Error('no usage or no price');
  const costNanoUsd = knownCostOf(usage, model.price);
  return { usage, ...(costNanoUsd !== undefined && { costNanoUsd }) };
}

describe.each([
  ['whole', false],
  ['streamed', true],
] as const)('the invoice of an answer that comes %s', (_form, streamed) => {
  it.each(INVOICES.map((invoice) => [invoice.model, invoice.of, invoice] as const))(
    'by %s for %s is exact',
    async (_model, _of, invoice) => {
      const { usage, costNanoUsd } = await bill(invoice, streamed);
      expect(usage.source).toBe('reported');
      expect(costNanoUsd).toBe(invoice.costNanoUsd);
    },
  );
});

describe('the independent calculation', () => {
  const VENDORS: Readonly<Record<string, string>> = {
    openai: 'openai',
    anthropic: 'anthropic',
    gemini: 'google',
    groq: 'groq',
  };
  const checked = INVOICES.filter(({ flavor }) => flavor !== undefined);

  it.each(checked.map((invoice) => [invoice.model, invoice.of, invoice] as const))(
    'agrees on %s, %s',
    (ref, _of, invoice) => {
      const provider = findProvider({ providerId: VENDORS[kindOf(ref)] ?? '' });
      if (!provider) throw new Error('no such provider');
      const name = ref.slice(ref.indexOf('/') + 1);
      const body = { usage: invoice.usage, usageMetadata: invoice.usage, model: name, modelVersion: name };
      const { usage } = extractUsage(provider, body, invoice.flavor);
      const price = calcPrice(usage, name, { provider });
      expect((price?.total_price ?? Number.NaN) * 1e9).toBeCloseTo(invoice.costNanoUsd ?? Number.NaN, 0);
    },
  );
});
