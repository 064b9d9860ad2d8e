import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { TIERS } from '../../src/core/request.ts';
import { listening } from '../support/local-server.ts';
import { postChat } from '../support/post-chat.ts';
import { scrape, sumOf } from '../support/scrape.ts';
import { startInProcess, startServe } from '../support/serve.ts';

const ANSWER = JSON.stringify({
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Here I am.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 3, total_tokens: 6 },
});
const CALLERS = 8;
const REQUESTS = 400;

it('a vendor that ends each connection when it is used again answers everybody', async () => {
  const used = new Set<Socket>();
  let lost = 0;
  const vendor = createServer((request, response) => {
    if (used.has(request.socket)) {
      lost += 1;
      request.socket.resetAndDestroy();
      return;
    }
    used.add(request.socket);
    response.setHeader('content-type', 'application/json').end(ANSWER);
  });
  const baseUrl = `http://127.0.0.1:${await listening(vendor)}/v1`;
  const served = await startServe({
    upstreams: [],
    config: {
      providers: { vendor: { kind: 'openai-compatible', baseUrl } },
      models: { 'vendor/m': { price: { inputPerMTok: 1, outputPerMTok: 1 }, contextTokens: 32_768 } },
      routing: { tiers: Object.fromEntries(TIERS.map((tier) => [tier, ['vendor/m']])) },
    },
  });
  const waiting = Array.from({ length: REQUESTS }, (_, index) => `prompt ${index}`);
  const statuses: number[] = [];
  const callers = Array.from({ length: CALLERS }, async () => {
    for (let prompt = waiting.shift(); prompt; prompt = waiting.shift()) {
      const response = await postChat(served, prompt);
      await response.text();
      statuses.push(response.status);
    }
  });
  await Promise.all(callers);
  expect(statuses).toEqual(Array.from({ length: REQUESTS }, () => 200));
  expect(lost).toBeGreaterThan(REQUESTS / 10);
  // Each that was lost is an attempt of its own.
  const figures = await scrape(served);
  expect(sumOf(figures, 'signalbox_attempts_total')).toBe(REQUESTS + lost);
});

it('a vendor that ended a connection which was kept is not down when it is asked for its list', async () => {
  const used = new Set<Socket>();
  const vendor = createServer(({ socket }, response) => {
    if (used.has(socket)) return void socket.resetAndDestroy();
    used.add(socket);
    response.setHeader('content-type', 'application/json').end('{"data":[{"id":"m"}]}');
  });
  const baseUrl = `http://127.0.0.1:${await listening(vendor)}/v1`;
  const { app } = await startInProcess({
    upstreams: [],
    config: { providers: { vendor: { kind: 'openai-compatible', baseUrl } } },
  });
  const ask = () => app.gateway.providerStatus({ probe: true }, new AbortController().signal);
  for (let time = 0; time < 3; time += 1) expect(await ask()).toMatchObject([{ probedModels: 1 }]);
  expect(used.size).toBe(3);
});
