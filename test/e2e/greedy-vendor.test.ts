import { Buffer } from 'node:buffer';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { VendorRequest } from '../../src/demo/vendors/simulated-vendor.ts';
import { withLedger } from '../support/reconcile/signalbox-books.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { startServe } from '../support/serve.ts';
import { startUpstream } from '../support/start-upstream.ts';
import { MODEL } from './workplace.ts';

const OUTPUT_TOKENS_MAX = 4_000;
const LIMIT_USD = 0.25;
const SCHEMA = { type: 'object', properties: { a: { type: 'number' } }, required: ['a'], additionalProperties: false };

/** What a vendor may bill at most for a request: each byte a token, and every answer as long as it may be. */
function longest({ call }: VendorRequest) {
  if (call?.type !== 'chat') throw new Error('only chats');
  const { transcript, maxOutputTokens = OUTPUT_TOKENS_MAX, choices = 1 } = call;
  return {
    inputTokens: Buffer.byteLength(transcript) + 7,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: Math.min(maxOutputTokens, OUTPUT_TOKENS_MAX) * choices,
    reasoningTokens: 0,
  };
}

test('whatever is asked, and while the configuration changes, a vendor that bills all it may stays within a hard budget', async () => {
  let billedNanoUsd = 0;
  const upstream = await startUpstream('openai', {
    react: (request) => {
      const usage = longest(request);
      billedNanoUsd += usage.inputTokens * 1_000 + usage.outputTokens * 2_000;
      return { say: { text: 'no json', usage, pace: { firstMs: 20, frameMs: 1 } } };
    },
  });
  const price = { inputPerMTok: 1, outputPerMTok: 2 };
  const served = await startServe({
    upstreams: [{ id: 'greedy', kind: 'openai', upstream }],
    config: {
      models: { [`greedy/${MODEL}`]: { price, contextTokens: 32_768, outputTokensMax: OUTPUT_TOKENS_MAX } },
      budgets: [{ name: 'all', limitUsd: LIMIT_USD, window: 'month' }],
      cache: { enabled: false },
    },
  });
  const configPath = join(dirname(served.dataDir), 'mcp.config.json');
  const next = seededRandom(7);
  const statuses = new Map<number, number>();
  const message = (text: string) => [{ role: 'user', content: text }];
  const bodies = [
    (text: string) => ['chat/completions', { messages: message(text) }],
    (text: string) => ['chat/completions', { messages: message(text), n: 3 }],
    (text: string) => ['chat/completions', { messages: message(text), n: 2, max_tokens: 500 }],
    (text: string) => ['chat/completions', { messages: message(text), stream: true }],
    (text: string) => ['responses', { input: text, max_output_tokens: 300 }],
    (text: string) => [
      'chat/completions',
      {
        messages: message(text),
        response_format: { type: 'json_schema', json_schema: { name: 'x', schema: SCHEMA, strict: true } },
      },
    ],
    (text: string) => [
      'chat/completions',
      { messages: message(text), tools: [{ type: 'function', function: { name: 'f', parameters: SCHEMA } }] },
    ],
  ] as const;
  const ask = async () => {
    const body = bodies[Math.floor(next() * bodies.length)] ?? bodies[0];
    const [path, more] = body('é🦊 '.repeat(1 + Math.floor(next() * 300)));
    const response = await fetch(`${served.url}/v1/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${served.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: `greedy/${MODEL}`, ...(more as object) }),
    });
    statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
    const text = await response.text();
    if (response.status >= 400 && ![402, 429, 502].includes(response.status)) throw new Error(text);
  };
  const lanes = Array.from({ length: 12 }, async () => {
    for (let round = 0; round < 20; round += 1) await ask();
  });
  const change = (limitUsd: number) => {
    const config = JSON.parse(readFileSync(configPath, 'utf8'));
    config.budgets[0].limitUsd = limitUsd;
    writeFileSync(configPath, JSON.stringify(config));
  };
  const changes = async () => {
    await setTimeout(200);
    change(LIMIT_USD / 2);
    await setTimeout(1_300);
    change(LIMIT_USD);
  };
  // Down and up again, under way.
  await Promise.all([...lanes, changes()]);
  // It is of use until little is left. The lanes may have ended before the limit was up again.
  const billedAfterOneMore = async () => {
    await ask();
    return billedNanoUsd;
  };
  await expect.poll(billedAfterOneMore).toBeGreaterThan(LIMIT_USD * 0.9e9);
  await setTimeout(300);
  const [counter] = withLedger(served.dataDir, (database) =>
    database
      .prepare<[], { settled: number; reserved: number; unknown: number }>(
        'SELECT settled, reserved, unknown FROM quota_counters',
      )
      .all(),
  );
  expect(billedNanoUsd).toBeLessThanOrEqual(LIMIT_USD * 1e9);
  expect(statuses.get(402)).toBeGreaterThan(0);
  expect(counter).toEqual({ settled: billedNanoUsd, reserved: 0, unknown: 0 });
});
