import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { promptOf } from '../gateway/pacing/paced-pair.ts';
import { postChat } from '../support/post-chat.ts';
import { scrape } from '../support/scrape.ts';
import { startServe } from '../support/serve.ts';
import { startUpstream } from '../support/start-upstream.ts';
import { MODEL } from './workplace.ts';

const REQUESTS = 120;
const AT_ONCE = 6;

it('two services on one data folder hold a strong share of 30 % together, under load and over a restart', async () => {
  const [cheap, strong] = await Promise.all([startUpstream(), startUpstream()]);
  const dataDir = mkdtempSync(join(tmpdir(), 'signalbox-share-'));
  onTestFinished(async () => {
    rmSync(dataDir, { recursive: true, force: true });
  });
  const start = () =>
    startServe({
      upstreams: [
        { id: 'cheap', kind: 'openai', upstream: cheap },
        { id: 'strong', kind: 'openai', upstream: strong },
      ],
      config: {
        routing: { tiers: { medium: [`cheap/${MODEL}`], complex: [`strong/${MODEL}`] }, strongShareMax: 0.3 },
      },
      args: ['--data-dir', dataDir],
    });
  const chats = () =>
    [cheap, strong].map(({ requests }) => requests.filter(({ path }) => path.endsWith('/completions')).length);
  const first = await start();
  const second = await start();
  let next = 0;
  const work = async (services: readonly (typeof first)[], upTo: number) => {
    while (next < upTo) {
      const number = next;
      next += 1;
      const service = services[number % services.length] as typeof first;
      const response = await postChat(service, promptOf(number), {}, { headers: { 'x-signalbox-cache': 'off' } });
      expect(response.status).toBe(200);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, () => work([first, second], REQUESTS / 2)));
  expect(await first.stop()).toBe(0);
  const third = await start();
  await Promise.all(Array.from({ length: AT_ONCE }, () => work([second, third], REQUESTS)));
  const [cheapCount = 0, strongCount = 0] = chats();
  expect(cheapCount + strongCount).toBe(REQUESTS);
  expect(strongCount / REQUESTS).toBeGreaterThan(0.23);
  expect(strongCount / REQUESTS).toBeLessThan(0.37);
  const figures = await Promise.all([scrape(second), scrape(third)]);
  const counted = figures.map((one) => one.get('signalbox_paced_requests_total{side="strong"}') ?? 0);
  expect(Math.min(...counted)).toBeGreaterThan(0);
});
