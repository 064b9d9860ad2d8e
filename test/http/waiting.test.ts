import { describe, expect, it } from 'vitest';
import { NO_USAGE } from '../../src/core/usage.ts';
import type { FakeUpstream } from '../support/fake-upstream.ts';
import { postChat } from '../support/post-chat.ts';
import { scrape } from '../support/scrape.ts';
import { type InProcess, startInProcess } from '../support/serve.ts';
import { startUpstream } from '../support/start-upstream.ts';

async function start(
  config: Readonly<Record<string, object>>,
): Promise<InProcess & { readonly upstream: FakeUpstream }> {
  const upstream = await startUpstream();
  const service = await startInProcess({ upstreams: [{ id: 'only', kind: 'openai', upstream }], config });
  return { ...service, upstream };
}

async function queueLength(service: InProcess): Promise<number | undefined> {
  return (await scrape(service)).get('signalbox_queue_length');
}

async function untilQueued(service: InProcess, length: number): Promise<void> {
  while ((await queueLength(service)) !== length) await new Promise((resolve) => setTimeout(resolve, 5));
}

const OFF = { headers: { 'x-signalbox-cache': 'off' } };

describe('a full rate limit', () => {
  it('over HTTP is a 429 at once in the words of the dialect, with whole seconds to wait', async () => {
    const window = { rolling: '1h' };
    const service = await start({ rateLimits: [{ name: 'calm', scope: 'tenant', window, requests: 1 }] });
    expect((await postChat(service, 'one', {}, OFF)).status).toBe(200);
    const refused = await postChat(service, 'two', {}, OFF);
    expect(refused.status).toBe(429);
    const seconds = refused.headers.get('retry-after');
    expect(seconds).toMatch(/^\d+$/);
    expect(Number(seconds)).toBeGreaterThan(3_000);
    const { error } = (await refused.json()) as { error: { type: string; code: string; message: string } };
    expect(error).toMatchObject({ type: 'rate_limit_error', code: 'rate_limited' });
    expect(error.message).toContain('calm');
    expect(service.upstream.requests).toHaveLength(1);
  });

  it('of concurrency is waited for; a client that leaves meanwhile waits no longer', async () => {
    const window = { rolling: '1h' };
    const service = await start({
      rateLimits: [{ name: 'calm', scope: 'global', window, concurrency: 1 }],
      alerts: [{ name: 'queue', when: { metric: 'queue_length', above: 1 } }],
    });
    service.upstream.script({ say: { text: 'At last.', usage: NO_USAGE, pace: { firstMs: 1_500, frameMs: 0 } } });
    const one = postChat(service, 'one', {}, OFF);
    await service.upstream.received(0);
    const controller = new AbortController();
    const leaving = postChat(service, 'two', {}, { ...OFF, signal: controller.signal }).catch(() => 'left');
    const streamed = postChat(service, 'three', { stream: true }, OFF);
    await untilQueued(service, 2);
    await service.app.alerts.look();
    expect(service.app.alerts.report('local').alerts).toMatchObject([{ name: 'queue', value: 2 }]);
    controller.abort();
    expect(await leaving).toBe('left');
    await untilQueued(service, 1);
    expect((await one).status).toBe(200);
    expect(await (await streamed).text()).toContain('[DONE]');
    expect(await queueLength(service)).toBe(0);
    expect(service.upstream.requests).toHaveLength(2);
  });
});
