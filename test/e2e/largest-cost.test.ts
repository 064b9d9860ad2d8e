import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { Message, ToolDefinition } from '../../src/core/message.ts';
import type { ProviderKind } from '../../src/core/model.ts';
import type { Usage } from '../../src/core/usage.ts';
import type { ScriptedUsage } from '../../src/demo/vendors/scripted.ts';
import { requestOf } from '../support/catalog.ts';
import { startFakeUpstream } from '../support/fake-upstream.ts';
import { createWorkplace, MODEL, WIRES } from './workplace.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const OUTPUT_TOKENS_MAX = 4_000;
const CLASSES = {
  inputPerMTok: 3,
  outputPerMTok: 15,
  cachedInputPerMTok: 0.3,
  cacheWritePerMTok: 3.75,
  cacheWrite1hPerMTok: 6,
  reasoningPerMTok: 20,
  imageOutputPerMTok: 30,
  audioOutputPerMTok: 25,
};
const PRICE = {
  ...CLASSES,
  longContext: [{ aboveInputTokens: 2_000, ...CLASSES, inputPerMTok: 6, outputPerMTok: 22.5 }],
  requestUsd: 0.0001,
};

/** The parts that each vendor can tell apart. */
const PARTS: Readonly<Partial<Record<ProviderKind, readonly (keyof Usage)[]>>> = {
  openai: ['cachedInputTokens', 'cacheWriteTokens', 'reasoningTokens', 'audioOutputTokens'],
  anthropic: ['cachedInputTokens', 'cacheWriteTokens', 'reasoningTokens'],
  gemini: ['cachedInputTokens', 'reasoningTokens', 'imageOutputTokens'],
  groq: ['cachedInputTokens', 'reasoningTokens'],
};

async function open(kind: ProviderKind) {
  const upstream = await startFakeUpstream(WIRES[kind], { models: [MODEL] });
  cleanups.push(upstream.close);
  const model = { price: PRICE, contextTokens: 200_000, outputTokensMax: OUTPUT_TOKENS_MAX, capabilities: ['tools'] };
  const workplace = createWorkplace([{ id: 'vendor', kind, upstream }], {
    models: { [`vendor/${MODEL}`]: model },
    // Far above what all of it costs: each attempt is weighed, reserved and settled as in earnest.
    budgets: [{ name: 'all', scope: 'global', limitUsd: 1_000, window: 'month', mode: 'hard' }],
  });
  cleanups.push(workplace.remove);
  const app = await workplace.open();
  cleanups.push(() => app.close());
  return { upstream, gateway: app.gateway };
}

const message = (role: 'user' | 'system', text: string): Message => ({ role, content: [{ type: 'text', text }] });
const tool: ToolDefinition = {
  name: 'get_weather',
  description: 'Weather of a city',
  inputSchema: { type: 'object', properties: { city: { type: 'string' } } },
};
const asked = fc.record({
  system: fc.string({ unit: 'grapheme', maxLength: 60 }),
  words: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).filter((text) => text.trim() !== ''),
  times: fc.integer({ min: 1, max: 300 }),
  hasTool: fc.boolean(),
  outputMax: fc.option(fc.integer({ min: 16, max: OUTPUT_TOKENS_MAX }), { nil: undefined }),
  shares: fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 8, maxLength: 8 }),
});

/** Every byte a token, a few around each message, the longest answer; less of both by shares, split by the others. */
function usageOf(
  kind: ProviderKind,
  most: { input: number; output: number },
  shares: readonly number[],
): ScriptedUsage {
  const told = (part: keyof Usage) => PARTS[kind]?.includes(part);
  const share = (whole: number, at: number) => Math.floor((whole * (shares[at] ?? 0)) / 1_000);
  // A vendor that counts nothing of what was sent or written is not believed.
  const input = Math.max(1, most.input - share(most.input, 0));
  const output = Math.max(1, most.output - share(most.output, 1));
  const cachedInputTokens = told('cachedInputTokens') ? share(input, 2) : 0;
  const cacheWriteTokens = told('cacheWriteTokens') ? share(input - cachedInputTokens, 3) : 0;
  const reasoningTokens = told('reasoningTokens') ? share(output, 4) : 0;
  const apart = share(output - reasoningTokens, 5);
  return {
    inputTokens: input - cachedInputTokens - cacheWriteTokens,
    cachedInputTokens,
    cacheWriteTokens,
    outputTokens: output,
    reasoningTokens,
    ...(told('audioOutputTokens') && apart > 0 && { audioOutputTokens: apart }),
    ...(told('imageOutputTokens') && apart > 0 && { imageOutputTokens: apart }),
  };
}

describe.each(['openai', 'anthropic', 'gemini', 'groq'] as const)('over a simulated %s', (kind) => {
  it('no bill exceeds the maximum of the preview, and both are in the books', async () => {
    const { upstream, gateway } = await open(kind);
    await fc.assert(
      fc.asyncProperty(asked, async ({ system, words, times, hasTool, outputMax, shares }) => {
        const texts = [system, words.repeat(times)] as const;
        const request = requestOf(
          'replaced',
          { cache: 'off' },
          {
            messages: [message('system', texts[0]), message('user', texts[1])],
            ...(hasTool && { tools: [tool] }),
            ...(outputMax !== undefined && { maxOutputTokens: outputMax }),
          },
        );
        const [candidate] = (await gateway.preview(request)).plan.candidates;
        const most = {
          input:
            Buffer.byteLength(texts.join('')) + 7 * texts.length + (hasTool ? JSON.stringify(tool).length + 346 : 0),
          output: outputMax ?? OUTPUT_TOKENS_MAX,
        };
        const usage = usageOf(kind, most, shares);
        upstream.script({ say: { text: 'So be it.', usage } });
        const answer = await gateway.complete(request, { signal: new AbortController().signal });
        const [booked] = await gateway.requestLog({ limit: 1 });
        expect(booked?.attempts[0]?.usage).toEqual({ ...usage, source: 'reported' });
        expect(answer.costNanoUsd).toBe(booked?.costNanoUsd);
        expect(booked?.costNanoUsd).toBeLessThanOrEqual(candidate?.costMax ?? 0);
        expect(candidate?.costExpected).toBeLessThanOrEqual(candidate?.costMax ?? 0);
      }),
      { numRuns: 60 },
    );
  });
});
