import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { MODEL } from '../../e2e/workplace.ts';
import { MCP_CLIENTS } from '../../support/mcp-clients.ts';
import { postChat } from '../../support/post-chat.ts';
import { type Figures, scrape, sumOf } from '../../support/scrape.ts';
import { startInProcess } from '../../support/serve.ts';
import { startUpstream } from '../../support/start-upstream.ts';
import { change } from '../../support/store.ts';
import { until } from '../../support/until.ts';

async function startTwo() {
  const [first, second] = await Promise.all([startUpstream(), startUpstream()]);
  const service = await startInProcess({
    upstreams: [
      { id: 'first', kind: 'openai', upstream: first },
      { id: 'second', kind: 'openai-compatible', upstream: second },
    ],
  });
  return { service, first, second };
}

/** Retries and the books end just after the answer. */
async function settled(service: { readonly url: string; readonly token: string }, requests: number): Promise<Figures> {
  for (;;) {
    const figures = await scrape(service);
    if (sumOf(figures, 'signalbox_requests_total') >= requests) return figures;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

it('what should never happen is counted from 0 on: Prometheus sees no increase in a series that begins with 1', async () => {
  const { service } = await startTwo();
  const figures = await scrape(service);
  for (const series of [
    'signalbox_config_reloads_total{result="refused"}',
    'signalbox_alert_webhooks_total{result="given_up"}',
    'signalbox_request_errors_total{code="all_failed"}',
    'signalbox_refusals_total{code="unauthenticated"}',
  ]) {
    expect(figures.get(series), series).toBe(0);
  }
});

it('metrics count requests, attempts, tokens, cost, cache and fallbacks as they happened', async () => {
  const { service, first } = await startTwo();
  first.script({ say: { failure: 'auth' } });
  await postChat(service, 'one').then((response) => response.json());
  await postChat(service, 'one').then((response) => response.json());
  await postChat(service, 'two', { stream: true }).then((response) => response.text());

  const figures = await settled(service, 3);
  const model = (provider: string) => `provider="${provider}",model="${provider}/${MODEL}"`;
  expect(figures.get('signalbox_requests_total{kind="chat",status="success",cache="miss"}')).toBe(2);
  expect(figures.get('signalbox_requests_total{kind="chat",status="success",cache="hit"}')).toBe(1);
  expect(figures.get('signalbox_cache_hits_total')).toBe(1);
  expect(figures.get('signalbox_cache_misses_total')).toBe(2);
  expect(figures.get('signalbox_fallbacks_total{code="provider_auth"}')).toBe(1);
  expect(figures.get(`signalbox_attempts_total{${model('first')},status="failed_unbilled"}`)).toBe(1);
  expect(figures.get('signalbox_attempt_errors_total{provider="first",code="provider_auth"}')).toBe(1);
  expect(figures.get(`signalbox_attempts_total{${model('second')},status="settled"}`)).toBe(2);
  // 9 tokens in at 1 $, 3 out at 2 $ a million, twice.
  expect(figures.get(`signalbox_tokens_total{${model('second')},class="input"}`)).toBe(18);
  expect(figures.get(`signalbox_tokens_total{${model('second')},class="output"}`)).toBe(6);
  expect(figures.get(`signalbox_cost_usd_total{${model('second')}}`)).toBeCloseTo(30e-6, 12);
  expect(figures.get('signalbox_unpriced_requests_total')).toBe(0);
  expect(figures.get(`signalbox_upstream_latency_seconds_count{${model('second')}}`)).toBe(2);
  expect(sumOf(figures, 'signalbox_first_token_seconds_count')).toBeGreaterThanOrEqual(1);
  expect(figures.get('signalbox_overhead_seconds_count')).toBe(3);
  expect(figures.get(`signalbox_concurrency_limit{${model('second')}}`)).toBe(1_000);
  expect(figures.get(`signalbox_concurrency_in_use{${model('second')}}`)).toBe(0);
  expect(figures.get('signalbox_queue_length')).toBe(0);
  expect(figures.get('signalbox_breaker_state{provider="second"}')).toBe(0);
  expect(figures.get('signalbox_requests_in_flight')).toBe(1);
  expect(sumOf(figures, 'signalbox_build_info')).toBe(1);
  expect(sumOf(figures, 'signalbox_config_info')).toBe(1);
  expect(figures.get('process_resident_memory_bytes')).toBeGreaterThan(1e6);
  // In seconds, of today.
  expect(figures.get('process_start_time_seconds')).toBeLessThanOrEqual(Date.now() / 1_000);
  expect(figures.get('process_start_time_seconds')).toBeGreaterThan(Date.now() / 1_000 - 86_400);
  expect(figures.has('nodejs_eventloop_lag_p99_seconds')).toBe(true);
});

it('names that a caller makes up become no labels', async () => {
  const { service } = await startTwo();
  for (let index = 0; index < 5; index += 1) {
    const response = await postChat(service, `prompt ${index}`, { model: `second/made-up-${index}` });
    await response.text();
  }
  const response = await postChat(
    service,
    'x',
    { user: 'made-up-user' },
    { headers: { 'user-agent': 'made-up-agent' } },
  );
  await response.text();
  const page = await fetch(`${service.url}/metrics`, { headers: { authorization: `Bearer ${service.token}` } });
  expect(await page.text()).not.toContain('made-up');
});

it('what is turned away is counted by its error code', async () => {
  const { service } = await startTwo();
  await postChat({ ...service, token: 'wrong-token-0123456789' }, 'x');
  await postChat(service, 'x', { messages: 'not a list' });
  await postChat(service, 'x', { model: 'nowhere/nothing' });
  await fetch(`${service.url}/v1/nothing`, { headers: { authorization: `Bearer ${service.token}` } });
  const figures = await scrape(service);
  expect(figures.get('signalbox_refusals_total{code="unauthenticated"}')).toBe(1);
  expect(figures.get('signalbox_refusals_total{code="invalid_request"}')).toBe(1);
  expect(figures.get('signalbox_refusals_total{code="not_found"}')).toBe(1);
  expect(sumOf(figures, 'signalbox_refusals_total')).toBe(4);
});

it.each(MCP_CLIENTS)('a call of a tool that is turned away is counted like any other: %s', async (_name, connect) => {
  const { service } = await startTwo();
  const client = await connect({ url: `${service.url}/mcp`, token: service.token });
  const calls: readonly (readonly [string, object])[] = [
    ['complete', { prompt: 'x', temperature: 'hot' }],
    ['complete', { prompt: 'x', model: 'first/nothing' }],
    ['cost_report', { group_by: 'nothing' }],
  ];
  for (const [name, args] of calls) {
    const { structuredContent } = await client.call(name, args);
    expect(structuredContent.error.request_id).toMatch(/^req_/);
  }
  await client.call('complete', { prompt: 'x' });
  await client.close();
  const figures = await settled(service, 1);
  expect(figures.get('signalbox_refusals_total{code="invalid_request"}')).toBe(2);
  expect(figures.get('signalbox_refusals_total{code="unknown_model"}')).toBe(1);
  expect(sumOf(figures, 'signalbox_requests_total')).toBe(1);
});

it('what MCP refuses in its own words is counted by the code of its status', async () => {
  const { service } = await startTwo();
  for (const [status, session] of [
    [404, { 'mcp-session-id': 'none' }],
    [400, {}],
  ] as const) {
    const response = await fetch(`${service.url}/mcp`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${service.token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...session,
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
    });
    expect(response.status).toBe(status);
  }
  const figures = await scrape(service);
  expect(figures.get('signalbox_refusals_total{code="not_found"}')).toBe(1);
  expect(figures.get('signalbox_refusals_total{code="invalid_request"}')).toBe(1);
});

it('a model of the catalogue is counted under its name also where it is not configured', async () => {
  const known = 'gpt-6-luna';
  const upstream = await startUpstream('openai', { models: [known] });
  const service = await startInProcess({ upstreams: [{ id: 'openai', kind: 'openai', upstream }] });
  expect((await postChat(service, 'one', { model: `openai/${known}` })).status).toBe(200);
  const attempts = [...(await settled(service, 1)).keys()].filter((name) =>
    name.startsWith('signalbox_attempts_total'),
  );
  expect(attempts).toEqual([`signalbox_attempts_total{provider="openai",model="openai/${known}",status="settled"}`]);
});

it('the open breaker of a provider shows, until nobody has asked for its model for long', async () => {
  const { service, first } = await startTwo();
  for (let index = 0; index < 20; index += 1) first.script({ say: { failure: 'server_error' } });
  for (let index = 0; index < 6; index += 1) {
    const response = await postChat(service, `prompt ${index}`);
    await response.text();
  }
  const figures = await scrape(service);
  expect(figures.get('signalbox_breaker_state{provider="first"}')).toBe(2);
  expect(figures.get('signalbox_breaker_state{provider="second"}')).toBe(0);
  change(join(service.dataDir, 'ledger.db'), "UPDATE health SET state = json_set(state, '$.breaker.openedAtMs', 0)");
  await until(async () => (await scrape(service)).get('signalbox_breaker_state{provider="first"}') === 0);
});

it('metrics need a token, and are in the format Prometheus reads', async () => {
  const { service } = await startTwo();
  const refused = await fetch(`${service.url}/metrics`);
  expect(refused.status).toBe(401);
  await refused.text();
  const page = await fetch(`${service.url}/metrics`, { headers: { authorization: `Bearer ${service.token}` } });
  expect(page.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const lines = (await page.text()).trimEnd().split('\n');
  const described = new Set(lines.filter((line) => line.startsWith('# TYPE ')).map((line) => line.split(' ')[2]));
  for (const line of lines.filter((one) => !one.startsWith('#') && one !== '')) {
    expect(line).toMatch(/^[a-z_0-9]+(\{([a-z]+="[^"]*",?)*\})? [-+0-9.eE]+(Inf)?$/);
    const name = line.split(/[{ ]/)[0] ?? '';
    expect(described.has(name) || described.has(name.replace(/_(bucket|sum|count)$/, ''))).toBe(true);
  }
});

it('docs/operations.md lists every figure and no other', async () => {
  const { service } = await startTwo();
  const page = await fetch(`${service.url}/metrics`, { headers: { authorization: `Bearer ${service.token}` } });
  const scraped = [...(await page.text()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
  const document = readFileSync(join(import.meta.dirname, '../../../docs/operations.md'), 'utf8');
  const listed = document.match(/`((signalbox|process|nodejs)_[a-z0-9_]+)`/g)?.map((name) => name.slice(1, -1));
  expect([...new Set(listed)].sort()).toEqual(scraped.sort());
});
