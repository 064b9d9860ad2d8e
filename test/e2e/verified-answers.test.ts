import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import type { VerifyInput } from '../../src/config/schema/verify-schema.ts';
import { type FakeUpstream, type Step, startFakeUpstream } from '../support/fake-upstream.ts';
import { type AnyClient, MCP_CLIENTS } from '../support/mcp-clients.ts';
import { postChat } from '../support/post-chat.ts';
import { startServe } from '../support/serve.ts';
import { until } from '../support/until.ts';
import { createWorkplace, MODEL, WIRES } from './workplace.ts';

const LAUNCHER = join(import.meta.dirname, '../../bin/signalbox.cjs');
/** A client's cancel is at the provider within this time (mcp.md). */
const CANCEL_MS = 250;
const QUESTION = 'A shelf holds 6 boxes of 7 jars. How many jars are on it?';
const USAGE = { inputTokens: 9, cachedInputTokens: 0, cacheWriteTokens: 0, outputTokens: 3, reasoningTokens: 0 };
/** 9 tokens in at 1 $ a million, and 3 out at 2 $. */
const ANSWER_NANO_USD = 15_000;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const says = (text: string): Step => ({ say: { text, usage: USAGE } });
/** Cut by its token limit: doubted, whatever it says. */
const CUT: Step = { say: { text: 'There are', finish: 'length', usage: USAGE } };
const DOWN: Step = { say: { failure: 'server_error' } };
const SILENT: Step = { fault: { type: 'stall-before-headers' } };

/** A cheap model, a second one of its tier, and a strong one that only tier expert has; three vendors. */
async function openVendors(verify: Partial<VerifyInput>, more: object = {}) {
  const start = async (kind: 'openai' | 'groq' | 'anthropic') => {
    const upstream = await startFakeUpstream(WIRES[kind], { models: [MODEL] });
    cleanups.push(upstream.close);
    return upstream;
  };
  const cheap = await start('openai');
  const second = await start('groq');
  const strong = await start('anthropic');
  const upstreams = [
    { id: 'cheap', kind: 'openai', upstream: cheap },
    { id: 'second', kind: 'groq', upstream: second },
    { id: 'strong', kind: 'anthropic', upstream: strong },
  ] as const;
  const low = [`cheap/${MODEL}`, `second/${MODEL}`];
  const tiers = { trivial: low, simple: low, medium: low, complex: low, expert: [`strong/${MODEL}`] };
  const all = ['trivial', 'simple', 'medium', 'complex', 'expert'];
  const config = { routing: { tiers, verify: { tasks: 'all', tiers: all, ...verify } }, ...more };
  return { cheap, second, strong, upstreams, config };
}

/** The real command behind a real MCP client. */
async function openPlace(verify: Partial<VerifyInput> = {}, more: object = {}) {
  const { upstreams, config, ...vendors } = await openVendors(verify, more);
  const workplace = createWorkplace(upstreams, config);
  cleanups.push(workplace.remove);
  const [, connect] = MCP_CLIENTS[0] ?? [];
  if (!connect) throw new RangeError('no client');
  const client: AnyClient = await connect({
    command: process.execPath,
    args: [LAUNCHER, '--config', workplace.configPath],
    env: { HOME: workplace.folder, PATH: process.env.PATH ?? '' },
  });
  cleanups.push(client.close);
  const ask = async (more: object = {}, options?: object) =>
    (await client.call('complete', { prompt: QUESTION, ...more }, options)).structuredContent;
  const books = () => workplace.books();
  const shell = async (...args: string[]) => {
    const env = { HOME: workplace.folder, PATH: process.env.PATH ?? '' };
    const command = [LAUNCHER, ...args, '--config', workplace.configPath];
    return (await promisify(execFile)(process.execPath, command, { env })).stdout;
  };
  return { ...vendors, client, ask, books, shell };
}

const callsOf = (upstream: FakeUpstream) => upstream.requests.filter(({ call }) => call?.type === 'chat').length;

describe('with routing.verify', () => {
  it('a doubted answer is replaced; the answer, the books and the report all say so, to the nano-dollar', async () => {
    const { cheap, strong, client, ask, books } = await openPlace();
    cheap.script(CUT);
    strong.script(says('42'));
    const given = await ask();
    expect(given).toMatchObject({
      text: '42',
      model: `strong/${MODEL}`,
      cost_usd: (2 * ANSWER_NANO_USD) / 1e9,
      attempts: [{ model: `cheap/${MODEL}` }, { model: `strong/${MODEL}`, role: 'escalation' }],
      verification: { outcome: 'escalated', reasons: ['truncated'], first: `cheap/${MODEL}`, check_cost_usd: 0 },
    });
    expect((await ask()).cached).toBe(true);
    const report = await client.call('cost_report', { period: 'all', group_by: 'model' });
    expect(report.structuredContent.totals).toMatchObject({
      requests: 2,
      attempts: 2,
      cache_hits: 1,
      cost_usd: (2 * ANSWER_NANO_USD) / 1e9,
      saved_by_cache_usd: (2 * ANSWER_NANO_USD) / 1e9,
    });
    const [, booked] = await books();
    expect(booked).toMatchObject({ model: `strong/${MODEL}`, costNanoUsd: 2 * ANSWER_NANO_USD });
    expect(booked?.attempts.map(({ provider, role }) => [provider, role])).toEqual([
      ['cheap', undefined],
      ['strong', 'escalation'],
    ]);
  });

  it('people read the same: from the tools, and on the shell', async () => {
    const { cheap, client, shell } = await openPlace();
    cheap.script(CUT);
    const { content } = await client.call('complete', { prompt: QUESTION });
    expect(content[0].text).toContain(`in place of cheap/${MODEL}, doubted: truncated`);
    const preview = await client.call('route_preview', { prompt: QUESTION });
    expect(preview.content[0].text).toContain(`checked; when doubted: strong/${MODEL}; in all $`);
    expect(await shell('route', QUESTION)).toMatch(
      /checked +yes\n *when doubted +strong\/model-under-test\n *in all +\$/,
    );
    const log = await shell('log');
    expect(log).toContain('check: escalated (truncated)');
    expect(log).toMatch(
      /1\. cheap\/model-under-test: answered, .*\n.*2\. strong\/model-under-test: stronger, answered/,
    );
    const [line = ''] = (await shell('log', '--json')).split('\n');
    expect(JSON.parse(line)).toMatchObject({
      verification: { outcome: 'escalated', reasons: ['truncated'], kept_because: null, check_cost_nano_usd: 0 },
      attempts: [{ role: 'answer' }, { role: 'escalation' }],
    });
  });

  it('two that agree are enough', async () => {
    const { cheap, second, strong, ask } = await openPlace({ peer: true });
    cheap.script(says('6 boxes of 7 jars are 42 jars.\nThe answer is 42.'));
    second.script(says('The answer is 42.'));
    expect(await ask()).toMatchObject({
      model: `cheap/${MODEL}`,
      verification: { outcome: 'passed', peer: `second/${MODEL}`, check_cost_usd: ANSWER_NANO_USD / 1e9 },
    });
    expect(callsOf(strong)).toBe(0);
  });

  it('two that disagree send the question up', async () => {
    const { cheap, second, strong, ask } = await openPlace({ peer: true });
    cheap.script(says('The answer is 13.'));
    second.script(says('The answer is 42.'));
    strong.script(says('The answer is 42.'));
    const given = await ask();
    expect(given).toMatchObject({ model: `strong/${MODEL}`, verification: { outcome: 'escalated' } });
    expect(given.attempts.map(({ role }: { role?: string }) => role)).toEqual([undefined, 'peer', 'escalation']);
  });

  it('a peer that is down costs nothing but its row', async () => {
    const { cheap, second, ask, books } = await openPlace({ peer: true });
    cheap.script(says('The answer is 42.'));
    second.script(DOWN);
    expect(await ask()).toMatchObject({ model: `cheap/${MODEL}`, cost_usd: ANSWER_NANO_USD / 1e9 });
    const [booked] = await books();
    expect(booked?.attempts.map(({ provider, role, status }) => [provider, role, status])).toEqual([
      ['cheap', undefined, 'settled'],
      ['second', 'peer', 'failed_unbilled'],
    ]);
  });

  it('a baseline counts the answer that was given, and not what the same model had said as a peer', async () => {
    const { cheap, second, client, ask } = await openPlace({ peer: true }, { limits: { attemptsMax: 4 } });
    cheap.script(DOWN, DOWN);
    second.script(says('The answer is 42.'), says('The answer is 42.'));
    const { model, attempts } = await ask();
    expect(model).toBe(`second/${MODEL}`);
    expect(attempts.at(-1)).toMatchObject({ model, role: 'peer', status: 'settled' });
    const report = await client.call('cost_report', { period: 'all', baseline: `strong/${MODEL}` });
    const baseline = { cost_usd: ANSWER_NANO_USD / 1e9, saved_usd: -ANSWER_NANO_USD / 1e9 };
    expect(report.structuredContent.baseline).toMatchObject(baseline);
  });

  it('a strong model that is down leaves the doubted answer, marked', async () => {
    const { cheap, strong, ask } = await openPlace();
    cheap.script(CUT);
    strong.script(DOWN, DOWN);
    expect(await ask()).toMatchObject({
      text: 'There are',
      model: `cheap/${MODEL}`,
      verification: { outcome: 'kept', kept_because: 'all_failed' },
    });
  });

  it('a cost limit for one answer is not exceeded by a second', async () => {
    const { cheap, strong, ask } = await openPlace();
    cheap.script(CUT);
    const given = await ask({ max_output_tokens: 100, max_cost_usd: 0.00035 });
    expect(given).toMatchObject({ model: `cheap/${MODEL}`, verification: { kept_because: 'budget_exceeded' } });
    expect(callsOf(strong)).toBe(0);
  });

  it('a deadline holds over all of it: what is there by then is given', async () => {
    const { cheap, strong, ask } = await openPlace();
    cheap.script(CUT);
    strong.script(SILENT);
    expect(await ask({ deadline_ms: 1_500 })).toMatchObject({
      model: `cheap/${MODEL}`,
      verification: { outcome: 'kept', kept_because: 'deadline_exceeded' },
    });
  });

  it.each([
    ['while both cheap models think', [SILENT], [SILENT], []],
    ['while the peer thinks', [says('The answer is 42.')], [SILENT], []],
    ['while the strong model thinks', [CUT], [says('42')], [SILENT]],
  ] as const)('a cancel %s is at every provider at once and booked', async (_when, first, peer, last) => {
    const { cheap, second, strong, ask, books, client } = await openPlace({ peer: true });
    cheap.script(...first);
    second.script(...peer);
    strong.script(...last);
    const caller = new AbortController();
    const call = ask({}, { signal: caller.signal }).catch(() => 'cancelled');
    const requests = [await cheap.received(0), await second.received(0)];
    if (last.length > 0) requests.push(await strong.received(0));
    const open = requests.filter((_request, index) => [first, peer, last][index]?.[0] === SILENT);
    await until(() => open.every(({ outcome }) => outcome === 'open') && open.length < 3, CANCEL_MS);
    await until(() => first[0] === SILENT || requests[0]?.outcome === 'answered', 5_000);
    caller.abort();
    expect(await until(() => open.every(({ outcome }) => outcome === 'aborted'), 5_000)).toBeLessThan(CANCEL_MS);
    expect(await call).toBe('cancelled');
    await client.close();
    const [booked] = await books();
    expect(booked?.status).toBe('cancelled');
    expect(booked?.attempts.filter(({ status }) => status === 'cancelled')).toHaveLength(open.length);
  });

  it('route_preview tells of the check and of all it may cost, and calls nobody', async () => {
    const { cheap, client } = await openPlace({ peer: true });
    const { structuredContent } = await client.call('route_preview', { prompt: QUESTION, max_output_tokens: 100 });
    const { verify, candidates } = structuredContent;
    expect(verify).toMatchObject({ peer: `second/${MODEL}`, stronger: [`strong/${MODEL}`] });
    const [first] = candidates;
    expect(verify.cost_usd_expected).toBeCloseTo(2 * first.cost_usd_expected, 12);
    expect(verify.cost_usd_doubted).toBeCloseTo(3 * first.cost_usd_expected, 12);
    expect(verify.cost_usd_max).toBeCloseTo(3 * first.cost_usd_max, 12);
    expect(callsOf(cheap)).toBe(0);
  });

  it('what the check finds is learnt where learning is on, and nowhere else', async () => {
    for (const enabled of [true, false]) {
      const { cheap, strong, client, ask, shell } = await openPlace({}, { learning: { enabled } });
      cheap.script(CUT, says('42'));
      strong.script(says('42'));
      await ask();
      await ask({ cache: 'off' });
      await client.close();
      const outcomes = enabled ? 2 : 0;
      expect(JSON.parse(await shell('learn', '--json'))).toMatchObject({ enabled, outcomes });
    }
  });

  it('a stream is sent once its answer is checked, whole and of one model, and metrics count it', async () => {
    const { cheap, strong, upstreams, config } = await openVendors({});
    cheap.script(CUT);
    strong.script(says('42 jars'));
    const served = await startServe({ upstreams, config });
    const response = await postChat(served, QUESTION, { stream: true });
    expect(response.headers.get('x-signalbox-verification')).toBe('escalated');
    expect(response.headers.get('x-signalbox-model')).toBe(`strong/${MODEL}`);
    expect(response.headers.get('x-signalbox-attempts')).toBe('2');
    const text = await response.text();
    expect(text).toContain('42 jars');
    expect(text).not.toContain('There are');
    const headers = { authorization: `Bearer ${served.token}` };
    const metrics = await (await fetch(`${served.url}/metrics`, { headers })).text();
    expect(metrics).toContain('signalbox_verifications_total{outcome="escalated"} 1\n');
    expect(metrics).toContain('signalbox_escalations_total{reason="truncated"} 1\n');
  });
});
