import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { expect, it, onTestFinished, vi } from 'vitest';
import { parseTraceparent } from '../../src/core/network/traceparent.ts';
import { createWorkplace, MODEL } from '../e2e/workplace.ts';
import { createAuthority, createCertificate } from '../support/certificates.ts';
import { chat, failure } from '../support/gateway.ts';
import { startClock } from '../support/given-time.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.ts';
import { postChat } from '../support/post-chat.ts';
import { startInProcess } from '../support/serve.ts';
import { startUpstream } from '../support/start-upstream.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startWebProxy } from '../support/web-proxy.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const PARENT_ID = 'b7ad6b7169203331';
const PROMPT = 'A prompt nobody may read in a trace.';

async function open(otlpEndpoint: string, env: Readonly<Record<string, string>> = {}) {
  const [first, second] = await Promise.all([startUpstream(), startUpstream()]);
  const place = createWorkplace(
    [
      { id: 'first', kind: 'openai', upstream: first },
      { id: 'second', kind: 'openai-compatible', upstream: second },
    ],
    { telemetry: { otlpEndpoint }, log: { level: 'error' } },
  );
  const app = await place.open(env);
  onTestFinished(async () => {
    await app.close();
    place.remove();
  });
  const ask = (caller: object = {}) =>
    app.gateway.complete(chat(PROMPT, { cache: 'off' }, { caller: { tenant: 'local', client: 'test', ...caller } }), {
      signal: new AbortController().signal,
    });
  return { app, first, second, ask };
}

async function receiver(...args: Parameters<typeof startOtlpReceiver>): Promise<OtlpReceiver> {
  const started = await startOtlpReceiver(...args);
  onTestFinished(started.close);
  return started;
}

it('traces go through the proxy that the environment names, but for what NO_PROXY names and this machine', async () => {
  const collector = await receiver();
  const port = Number(new URL(collector.origin).port);
  const proxy = await startWebProxy({ hosts: { 'collector.example': port } });
  const HTTP_PROXY = `http://some%20one:pass%40word@127.0.0.1:${proxy.port}`;
  const trace = async (origin: string, env: Readonly<Record<string, string>>) => {
    const { app, ask } = await open(origin, env);
    await ask();
    await app.close();
  };
  await trace('http://collector.example:4318', { HTTP_PROXY });
  expect(collector.bodies).toHaveLength(1);
  expect(proxy.requests.map(({ line }) => line)).toEqual(['POST http://collector.example:4318/v1/traces']);
  const credentials = Buffer.from('some one:pass@word').toString('base64');
  expect(proxy.requests[0]?.headers['proxy-authorization']).toBe(`Basic ${credentials}`);
  await trace(collector.origin, { HTTP_PROXY });
  await trace('http://collector.example:4318', { HTTP_PROXY, NO_PROXY: '.example' });
  await trace('http://collector.example:4318', { HTTP_PROXY: 'socks5://127.0.0.1:1' });
  expect([collector.bodies.length, proxy.requests.length]).toEqual([2, 1]);
});

it('a collector with an authority of its own is known by it behind a proxy too', async () => {
  const authority = createAuthority('own');
  const file = join(temporaryFolder(), 'own.pem');
  writeFileSync(file, authority.cert);
  const lines: string[] = [];
  const collector = createServer(createCertificate({ host: 'collector.example', authority }), (request, response) => {
    lines.push(`${request.method} ${request.url}`);
    response.end('{}');
  });
  await once(collector.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void collector.close());
  vi.stubEnv('OTEL_EXPORTER_OTLP_CERTIFICATE', file);
  onTestFinished(() => void vi.unstubAllEnvs());
  const { port } = collector.address() as AddressInfo;
  const proxy = await startWebProxy({ hosts: { 'collector.example': port } });
  const { app, ask } = await open('https://collector.example', { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` });
  await ask();
  await app.close();
  expect(proxy.requests.map(({ line }) => line)).toEqual(['CONNECT collector.example:443']);
  expect(lines).toEqual(['POST /v1/traces']);
});

it('a request is traced from its entry to each attempt, within the trace of its caller', async () => {
  const collector = await receiver();
  const { app, first, ask } = await open(collector.origin);
  first.script({ say: { failure: 'auth' } });
  await ask({ traceparent: `00-${TRACE_ID}-${PARENT_ID}-01`, entry: 'POST /v1/messages' });
  await app.close();

  const spans = collector.spans();
  const [server, gateway] = ['POST /v1/messages', 'signalbox chat'].map((name) =>
    spans.find((one) => one.name === name),
  );
  const attempts = spans.filter(({ name }) => name === `chat ${MODEL}`);
  expect(spans).toHaveLength(4);
  expect(spans.every(({ traceId }) => traceId === TRACE_ID)).toBe(true);
  expect(server).toMatchObject({
    kind: 'server',
    parentSpanId: PARENT_ID,
    attributes: { 'http.request.method': 'POST', 'http.route': '/v1/messages', 'http.response.status_code': 200 },
  });
  expect(gateway).toMatchObject({
    kind: 'internal',
    parentSpanId: server?.spanId,
    attributes: {
      'signalbox.status': 'success',
      'signalbox.cache': 'off',
      'signalbox.route.strategy': 'complexity',
      'signalbox.route.fallback_reason': 'provider_auth',
      'signalbox.cost_usd': 15e-6,
    },
  });
  expect(attempts[0]).toMatchObject({
    kind: 'client',
    parentSpanId: gateway?.spanId,
    failed: true,
    attributes: { 'gen_ai.provider.name': 'openai', 'error.type': 'provider_auth', 'server.address': '127.0.0.1' },
  });
  expect(attempts[1]).toMatchObject({
    kind: 'client',
    parentSpanId: gateway?.spanId,
    failed: false,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai-compatible',
      'gen_ai.request.model': MODEL,
      'gen_ai.response.model': MODEL,
      'gen_ai.usage.input_tokens': 9,
      'gen_ai.usage.output_tokens': 3,
    },
  });
  expect(attempts[1]?.durationMs).toBeLessThanOrEqual(server?.durationMs ?? 0);
  expect(collector.resource()).toMatchObject({ 'service.name': 'signalbox' });
  // Content: neither what was asked nor what was answered.
  expect(collector.bodies.join()).not.toContain('nobody may read');
  expect(collector.bodies.join()).not.toContain('Hello there');
});

it('a tool call is named as MCP names it; without an entry the gateway is the root', async () => {
  const collector = await receiver();
  const { app, ask } = await open(collector.origin);
  await ask({ entry: 'tools/call complete' });
  await ask();
  await app.close();
  const spans = collector.spans();
  expect(spans.find(({ kind }) => kind === 'server')).toMatchObject({
    name: 'tools/call complete',
    attributes: {
      'mcp.method.name': 'tools/call',
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'complete',
    },
  });
  const roots = spans.filter(({ parentSpanId }) => parentSpanId === undefined);
  expect(roots.map(({ name }) => name).sort()).toEqual(['signalbox chat', 'tools/call complete']);
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(2);
});

it('a caller that does not sample is not traced', async () => {
  const collector = await receiver();
  const { app, ask } = await open(collector.origin);
  await ask({ traceparent: `00-${TRACE_ID}-${PARENT_ID}-00` });
  await app.close();
  expect(collector.bodies).toEqual([]);
});

it('over HTTP the header traceparent is continued, over MCP the one of the message', async () => {
  const collector = await receiver();
  const upstream = await startUpstream();
  const service = await startInProcess({
    upstreams: [{ id: 'vendor', kind: 'openai', upstream }],
    config: { telemetry: { otlpEndpoint: collector.origin } },
  });
  const traceparent = `00-${TRACE_ID}-${PARENT_ID}-01`;
  await postChat(service, PROMPT, { stream: true }, { headers: { traceparent } }).then((response) => response.text());
  const client = new Client({ name: 'test', version: '1' });
  const requestInit = { headers: { authorization: `Bearer ${service.token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${service.url}/mcp`), { requestInit }));
  const _meta = { traceparent: traceparent.replace(PARENT_ID, '00f067aa0ba902b7') };
  await client.callTool({ name: 'complete', arguments: { prompt: 'Another.' }, _meta });
  await client.close();
  await service.app.close();
  const entries = collector.spans().filter(({ kind }) => kind === 'server');
  expect(entries).toEqual([
    expect.objectContaining({ name: 'POST /v1/chat/completions', traceId: TRACE_ID, parentSpanId: PARENT_ID }),
    expect.objectContaining({ name: 'tools/call complete', traceId: TRACE_ID, parentSpanId: '00f067aa0ba902b7' }),
  ]);
});

it('the usual variables name the collector too', async () => {
  const collector = await receiver();
  const upstream = await startUpstream();
  const place = createWorkplace([{ id: 'vendor', kind: 'openai', upstream }]);
  onTestFinished(() => place.remove());
  const app = await place.open({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.origin });
  await app.gateway.complete(chat(PROMPT), { signal: new AbortController().signal });
  await app.close();
  expect(collector.spans()).toHaveLength(2);
});

it.each([
  ['refuses', (response: { writeHead(status: number): { end(): void } }) => response.writeHead(500).end()],
  ['never answers', () => undefined],
])('a collector that %s costs spans and nothing else', async (_what, answer) => {
  const collector = await receiver(answer);
  const { app, ask, first } = await open(collector.origin);
  first.script({ say: { failure: 'invalid' } });
  await failure(ask());
  await expect(ask()).resolves.toMatchObject({ completion: {} });
  const elapsedMs = startClock();
  await app.close();
  expect(elapsedMs()).toBeLessThan(2_000);
});

it('a collector that is not there costs nothing either', async () => {
  const collector = await startOtlpReceiver();
  await collector.close();
  const { app, ask } = await open(collector.origin);
  for (let index = 0; index < 20; index += 1) expect(await ask()).toMatchObject({ cache: 'off' });
  await app.close();
});

it.each([
  ['a good one', `00-${TRACE_ID}-${PARENT_ID}-01`, { traceId: TRACE_ID, spanId: PARENT_ID, sampled: true }],
  [
    'one of a later version',
    `cc-${TRACE_ID}-${PARENT_ID}-00-more`,
    { traceId: TRACE_ID, spanId: PARENT_ID, sampled: false },
  ],
  ['a forbidden version', `ff-${TRACE_ID}-${PARENT_ID}-01`, undefined],
  ['an empty trace id', `00-${'0'.repeat(32)}-${PARENT_ID}-01`, undefined],
  ['an empty span id', `00-${TRACE_ID}-${'0'.repeat(16)}-01`, undefined],
  ['capital letters', `00-${TRACE_ID.toUpperCase()}-${PARENT_ID}-01`, undefined],
  ['one that does not end', `cc-${TRACE_ID}-${PARENT_ID}-00-${'x'.repeat(300)}`, undefined],
  ['something else', 'garbage', undefined],
  ['nothing', undefined, undefined],
])('traceparent: %s', (_what, header, expected) => {
  expect(parseTraceparent(header)).toEqual(expected);
});
