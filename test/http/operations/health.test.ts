import { expect, it } from 'vitest';
import { CANARY } from '../../e2e/workplace.ts';
import { postChat } from '../../support/post-chat.ts';
import { startInProcess } from '../../support/serve.ts';
import { startUpstream } from '../../support/start-upstream.ts';

async function start() {
  const upstream = await startUpstream('openai', { keys: [CANARY] });
  const service = await startInProcess({ upstreams: [{ id: 'vendor', kind: 'openai', upstream }] });
  return { service, upstream };
}

const get = async (url: string, method = 'GET') => {
  const response = await fetch(url, { method });
  return { status: response.status, body: await response.text(), caching: response.headers.get('cache-control') };
};

it('healthz and readyz answer without a token, to GET and to HEAD', async () => {
  const { service } = await start();
  expect(await get(`${service.url}/healthz`)).toEqual({ status: 200, body: '{"status":"ok"}', caching: 'no-store' });
  expect(await get(`${service.url}/readyz`)).toEqual({ status: 200, body: '{"status":"ready"}', caching: 'no-store' });
  expect(await get(`${service.url}/healthz`, 'HEAD')).toMatchObject({ status: 200, body: '' });
  expect(await get(`${service.url}/readyz`, 'HEAD')).toMatchObject({ status: 200, body: '' });
  expect((await get(`${service.url}/readyz`, 'POST')).status).toBe(405);
});

it('a service that drains is alive and not ready', async () => {
  const { service } = await start();
  service.app.drain();
  expect(await get(`${service.url}/readyz`)).toMatchObject({
    status: 503,
    body: '{"status":"not ready","reasons":["draining"]}',
  });
  expect((await get(`${service.url}/healthz`)).status).toBe(200);
  expect((await get(`${service.url}/readyz`, 'HEAD')).status).toBe(503);
});

it('a service whose every model rests is not ready, and names none of them', async () => {
  const { service, upstream } = await start();
  upstream.script({ say: { failure: 'auth' } });
  await postChat(service, 'x').then((response) => response.text());
  expect(await get(`${service.url}/readyz`)).toMatchObject({
    status: 503,
    body: '{"status":"not ready","reasons":["all_resting"]}',
  });
});

it('a service without a provider is not ready', async () => {
  const service = await startInProcess({ upstreams: [] });
  expect((await get(`${service.url}/readyz`)).body).toBe('{"status":"not ready","reasons":["no_provider"]}');
});
