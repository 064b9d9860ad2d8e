import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { expect, it, onTestFinished } from 'vitest';
import type { Service } from '../../src/app/service.ts';
import { chat, failure } from '../support/gateway.ts';
import { startClock } from '../support/given-time.ts';
import { listening, serve } from '../support/local-server.ts';
import { scrape } from '../support/scrape.ts';
import { startInProcess, startServe } from '../support/serve.ts';
import { startUpstream } from '../support/start-upstream.ts';
import { until } from '../support/until.ts';
import { createWorkplace } from './workplace.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

type Received = { readonly headers: IncomingMessage['headers']; readonly body: string };

async function startReceiver() {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    received.push({ headers: request.headers, body });
    response.end();
  });
  return { received, url: `http://127.0.0.1:${await listening(server)}/hooks/of-the-operator` };
}

async function startWatched(alerts: readonly object[], more: object = {}) {
  const upstream = await startUpstream();
  const config = { alerts, ...more } as Readonly<Record<string, object>>;
  const service = await startInProcess({ upstreams: [{ id: 'vendor', kind: 'openai', upstream }], config });
  const signal = new AbortController().signal;
  const ask = (prompt: string) => service.app.gateway.complete(chat(prompt), { signal });
  return { ...service, upstream, ask };
}

function listener(url: string, token: string, mode: 'legacy' | { pin: '2026-07-28' }) {
  const client = new Client({ name: 'listener', version: '1' }, { versionNegotiation: { mode } });
  const headers = { authorization: `Bearer ${token}` };
  const transport = new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { requestInit: { headers } });
  const updated: string[] = [];
  client.setNotificationHandler('notifications/resources/updated', ({ params }) => void updated.push(params.uri));
  onTestFinished(() => client.close());
  return { client, updated, connect: () => client.connect(transport) };
}

/** The end of a request is written a moment after its answer. */
async function lookUntil({ alerts }: Service, condition: () => boolean): Promise<void> {
  while (!condition()) {
    await alerts.look();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

it('a provider that fails raises an alert: in the log, at the webhook, in the metrics, and for who listens over MCP', async () => {
  const { url: hook, received } = await startReceiver();
  const { app, url, token, upstream, ask } = await startWatched([
    {
      name: 'failing',
      when: { metric: 'error_rate', above: 0.5, requestsMin: 5 },
      severity: 'critical',
      notify: ['log', { webhook: hook, secret: SECRET, allow: ['127.0.0.1'] }],
    },
    { name: 'vendor failing', when: { metric: 'error_rate', above: 0.5, requestsMin: 5, provider: '*' } },
  ]);
  const modern = listener(url, token, { pin: '2026-07-28' });
  await modern.connect();
  const subscription = await modern.client.listen({ resourceSubscriptions: ['signalbox://alerts'] });
  const legacy = listener(url, token, 'legacy');
  await legacy.connect();
  expect(legacy.client.getServerCapabilities()?.resources?.subscribe).toBeFalsy();

  await app.alerts.look();
  expect(received).toEqual([]);
  upstream.script(...Array.from({ length: 50 }, () => ({ say: { failure: 'server_error' } as const })));
  for (let index = 0; index < 6; index += 1) await failure(ask(`prompt ${index}`));
  await lookUntil(app, () => app.alerts.report('local').alerts.length >= 3);
  await until(() => modern.updated.length > 0);

  expect(received).toHaveLength(1);
  const [{ headers, body } = { headers: {}, body: '' }] = received;
  const key = Buffer.from(SECRET.slice('whsec_'.length), 'base64');
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
  expect(JSON.parse(body)).toMatchObject({
    type: 'alert.firing',
    text: expect.stringContaining('[critical] failing: 100 % of the requests failed'),
    data: { name: 'failing', metric: 'error_rate', value: 1, limit: 0.5 },
  });

  const figures = await scrape({ url, token });
  expect(figures.get('signalbox_alerts_firing{alert="failing",severity="critical"}')).toBe(1);
  expect(figures.get('signalbox_alerts_firing{alert="vendor failing",severity="warning"}')).toBe(1);
  expect(figures.get('signalbox_alerts_firing{alert="queue",severity="warning"}')).toBe(0);
  expect(figures.get('signalbox_alert_webhooks_total{result="delivered"}')).toBe(1);

  expect(new Set(modern.updated)).toEqual(new Set(['signalbox://alerts']));
  for (const { client } of [modern, legacy]) {
    const { contents } = await client.readResource({ uri: 'signalbox://alerts' });
    const [content] = contents;
    const report = JSON.parse(content && 'text' in content ? content.text : '');
    expect(report.alerts).toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({ name: 'failing', status: 'firing', severity: 'critical', value: 1 }),
        expect.objectContaining({ name: 'vendor failing', key: 'vendor', status: 'firing' }),
        // For a minute nobody is told of it.
        expect.objectContaining({ name: 'provider down', key: 'vendor', status: 'pending' }),
      ]),
    );
    expect(report.recent[0]).toMatchObject({ status: 'firing', at: expect.stringMatching(/^\d{4}-/) });
  }
  await subscription.close();
});

it('a budget tells at the shares it names, to the operator and to the tenant whose it is', async () => {
  const budgets = [
    { name: 'each', scope: 'tenant', limitUsd: 0.0001, window: 'day', alertAt: [0.1, 0.5] },
    { name: 'all', scope: 'global', limitUsd: 0.001, window: 'day', alertAt: [0.01, 1] },
  ];
  const { app, ask } = await startWatched([], { budgets: budgets.map((one) => ({ ...one, mode: 'soft' })) });
  await app.alerts.look();
  expect(app.alerts.report('local').alerts).toEqual([]);
  // 9 tokens at 1 $ and 3 at 2 $ a million: 15 millionths of a dollar.
  await ask('hello');
  await lookUntil(app, () => app.alerts.report('local').alerts.length >= 2);
  const firing = (tenant: string) => app.alerts.report(tenant).alerts.map(({ name, key }) => `${name} ${key}`.trim());
  expect(firing('local').toSorted()).toEqual(['budget all at 1 %', expect.stringMatching(/^budget each at 10 % \S+/)]);
  const [, own = ''] = / (\S+)$/.exec(firing('local').find((name) => name.includes('each')) ?? '') ?? [];
  expect(firing(`not ${own}`)).toEqual([]);
  for (let index = 0; index < 3; index += 1) await ask(`hello ${index}`);
  await lookUntil(app, () => firing('local').length >= 3);
  expect(firing('local')).toContain(`budget each at 50 % ${own}`);
});

it('what is dear, slow or never out of the cache is told of as well, and a reload changes what is watched', async () => {
  const { app, url, token, ask } = await startWatched([
    { name: 'dear', when: { metric: 'cost_per_hour', above: 0.0001, over: '5m' } },
    { name: 'slow', when: { metric: 'latency', above: '1ms', requestsMin: 2 } },
    { name: 'never again', when: { metric: 'cache_hit_rate', below: 0.5, requestsMin: 3 } },
    { name: 'queue', when: { metric: 'queue_length', above: 1 } },
  ]);
  const all = app.config;
  const counted = async () =>
    [...(await scrape({ url, token })).keys()].filter((name) => name.startsWith('signalbox_alerts_firing{')).length;
  expect(await counted()).toBe(all.alerts.length);
  await app.reload({ ...all, alerts: all.alerts.filter(({ name }) => name === 'queue') });
  expect(await counted()).toBe(1);
  for (let index = 0; index < 4; index += 1) await ask(`hello ${index}`);
  // Who waits to be let in waits as well.
  app.operations.watchRequests(() => ({ inFlight: 2, waiting: 2 }));
  await lookUntil(app, () => app.alerts.report('local').alerts.length >= 1);
  expect(app.alerts.report('local').alerts).toMatchObject([{ name: 'queue', status: 'pending', value: 2 }]);
  await app.reload(all);
  await lookUntil(app, () => app.alerts.report('local').alerts.length >= 4);
  const { alerts } = app.alerts.report('local');
  expect(alerts.map(({ name }) => name).toSorted()).toEqual(['dear', 'never again', 'queue', 'slow']);
  // 15 millionths of a dollar each, in 5 minutes: 12 times as much an hour.
  const dear = (alerts.find(({ name }) => name === 'dear')?.value ?? 0) / 0.00018;
  expect(dear).toBeCloseTo(Math.round(dear), 9);
});

it('a service looks by itself as soon as it starts, and lets go of a webhook that hangs when it ends', async () => {
  const told = Promise.withResolvers<IncomingMessage>();
  const hook = await serve((request) => told.resolve(request));
  const upstream = await startUpstream('openai', {
    react: () => ({ say: { failure: 'server_error' } }),
  });
  const when = { metric: 'error_rate', above: 0.5, requestsMin: 5 };
  const alerts = [{ name: 'failing', when, notify: [{ webhook: hook, allow: ['127.0.0.1'] }] }];
  const place = createWorkplace([{ id: 'vendor', kind: 'openai', upstream }], { alerts });
  onTestFinished(() => place.remove());
  const before = await place.openService();
  const { signal } = new AbortController();
  for (let index = 0; index < 6; index += 1)
    await failure(before.gateway.complete(chat(`prompt ${index}`), { signal }));
  await before.close();
  const service = await place.openService();
  const { socket } = await told.promise;
  await service.close();
  await expect.poll(() => socket.destroyed).toBe(true);
});

it('a service that somebody listens to ends without waiting for that', async () => {
  const upstream = await startUpstream();
  const { url, token, stop } = await startServe({ upstreams: [{ id: 'vendor', kind: 'openai', upstream }] });
  const { client, connect } = listener(url, token, { pin: '2026-07-28' });
  await connect();
  const subscription = await client.listen({ resourceSubscriptions: ['signalbox://alerts'] });
  const elapsedMs = startClock();
  expect(await stop()).toBe(0);
  // What runs has 10 s to finish; a stream that never ends must not use them.
  expect(elapsedMs()).toBeLessThan(5_000);
  await subscription.closed;
});
