import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load-config.ts';
import { MODEL } from '../../e2e/workplace.ts';
import { INITIALIZE, type WireMessage } from '../../mcp/spawn-server.ts';
import { startInProcess } from '../../support/serve.ts';
import { startUpstream } from '../../support/start-upstream.ts';
import { messagesIn, open, post, rpc, sendModern } from './wire.ts';

/** An older client whose call no budget has room for; what it does when it is asked is up to the test. */
async function start() {
  const upstream = await startUpstream();
  const { url, token, http, app, dataDir } = await startInProcess({
    upstreams: [{ id: 'first', kind: 'openai', upstream }],
    config: { budgets: [{ name: 'tiny', limitUsd: 0.000_001, onReached: 'ask' }] },
  });
  const mcp = `${url}/mcp`;
  const handshake = { ...INITIALIZE, params: { ...INITIALIZE.params, capabilities: { elicitation: {} } } };
  const session = (await post(mcp, handshake, { token })).headers.get('mcp-session-id') ?? '';
  const say = (message: object) => post(mcp, { jsonrpc: '2.0', ...message }, { token, session });
  const call = async (more: object, onQuestion: (question: WireMessage) => Promise<unknown>) => {
    const params = { name: 'complete', arguments: { prompt: 'May I?', ...more } };
    const { body } = await open(mcp, rpc({ id: 7, method: 'tools/call', params }), { token, session });
    const text = body?.pipeThrough(new TextDecoderStream()) ?? [];
    let said = '';
    const replies: Promise<unknown>[] = [];
    for await (const chunk of text) {
      said += chunk;
      const questions = messagesIn(said).filter(({ method }) => method === 'elicitation/create');
      for (const question of questions.slice(replies.length)) replies.push(onQuestion(question));
    }
    await Promise.all(replies);
    return messagesIn(said);
  };
  /** Ten times the price, from now on. */
  const raisePrice = async () => {
    const folder = dirname(dataDir);
    const configPath = join(folder, 'mcp.config.json');
    const config = JSON.parse(readFileSync(configPath, 'utf8'));
    config.models[`first/${MODEL}`].price = { inputPerMTok: 10, outputPerMTok: 20 };
    writeFileSync(configPath, JSON.stringify({ ...config, log: { level: 'error' } }));
    await app.reload(await loadConfig({ configPath, env: {}, cwd: folder, homeDir: folder }));
  };
  return { mcp, token, upstream, http, say, call, raisePrice };
}

it('a call whose question the client has not answered is answered, as failed, when the server ends', async () => {
  const { upstream, http, call } = await start();
  const answer = (await call({}, () => http.close(0))).at(-1);
  expect(answer).toMatchObject({ id: 7, result: { isError: true } });
  expect(JSON.stringify(answer)).toContain('shutting down');
  expect(answer?.result.structuredContent.error.code).toBe('provider_unavailable');
  expect(upstream.requests).toHaveLength(0);
});

const refusal = { id: 7, result: { isError: true, structuredContent: { error: { code: 'budget_exceeded' } } } };

describe('a question of an older client ends with the refusal of the budget', () => {
  it.each([
    ['a no', { result: { action: 'decline' } }],
    ['an error', { error: { code: -32603, message: 'No window is open.' } }],
    ['an answer that is none', { result: { action: 'perhaps' } }],
    ['a result without an action', { result: {} }],
    ['no result', { result: null }],
    ['an error beside a result that is not set', { result: null, error: { code: -32603, message: 'No.', data: null } }],
    ['a yes to something else', { result: { action: 'accept', content: { allow: 'yes' } } }],
    ['a yes without content', { result: { action: 'accept' } }],
  ])('after %s', async (_what, reply) => {
    const { upstream, say, call } = await start();
    const messages = await call({}, ({ id }) => say({ id, ...reply }));
    expect(messages.at(-1)).toMatchObject(refusal);
    expect(messages.at(-1)?.result.content[0].text).toContain('budget "tiny"');
    expect(messages.filter(({ method }) => method === 'elicitation/create')).toHaveLength(1);
    expect(upstream.requests).toHaveLength(0);
  });

  it('when deadline_ms is over, and the client is told that nobody waits any more', async () => {
    const { upstream, call } = await start();
    const messages = await call({ deadline_ms: 300 }, async () => {});
    expect(messages.map(({ method }) => method)).toEqual(['elicitation/create', 'notifications/cancelled', undefined]);
    expect(messages.at(-1)).toMatchObject(refusal);
    expect(upstream.requests).toHaveLength(0);
  });
});

const YES = { action: 'accept', content: { allow: true } };

it.each([
  ['', { result: YES }],
  [' that writes null for what is not set', { result: { ...YES, _meta: null }, error: null }],
])('a yes of an older client%s lets one call pass', async (_who, yes) => {
  const { upstream, say, call } = await start();
  const messages = await call({}, ({ id }) => say({ id, ...yes }));
  expect(messages.at(-1)?.result.structuredContent.text).toBe('Hello there.');
  expect(upstream.requests).toHaveLength(1);
});

describe('a yes is to no more than the question said: the person is asked anew where the call costs more by then', () => {
  const limit = (text: unknown) => Number(/It costs \$([\d.]+) at most/.exec(String(text))?.[1]);

  it.each([true, false])('by an older client, who then says %s', async (second) => {
    const { upstream, say, call, raisePrice } = await start();
    const limits: number[] = [];
    const messages = await call({ max_output_tokens: 100 }, async ({ id, params }) => {
      limits.push(limit(params?.message));
      if (limits.length === 1) await raisePrice();
      await say({ id, result: { action: 'accept', content: { allow: limits.length === 1 || second } } });
    });
    expect(limits).toHaveLength(2);
    expect(limits[1]).toBeCloseTo(10 * (limits[0] ?? 0), 9);
    expect(messages.at(-1)?.result.isError ?? false).toBe(!second);
    expect(upstream.requests).toHaveLength(second ? 1 : 0);
  });

  it('by one of 2026-07-28', async () => {
    const { mcp, token, upstream, raisePrice } = await start();
    const meta = { 'io.modelcontextprotocol/clientCapabilities': { elicitation: {} } };
    const params = { name: 'complete', arguments: { prompt: 'May I?', max_output_tokens: 100 } };
    const ask = async (more: object = {}) => {
      const request = { id: 7, method: 'tools/call', params: { ...params, ...more } };
      return (await sendModern(mcp, request, { token, meta })).messages.at(-1)?.result;
    };
    const yesTo = ({ requestState }: { requestState: string }) => ({ requestState, inputResponses: { budget: YES } });
    const first = await ask();
    await raisePrice();
    const second = await ask(yesTo(first));
    const [before, now] = [first, second].map(({ inputRequests }) => limit(inputRequests.budget.params.message));
    expect(now).toBeCloseTo(10 * (before ?? 0), 9);
    expect(upstream.requests).toHaveLength(0);
    expect((await ask(yesTo(second))).structuredContent.text).toBe('Hello there.');
  });
});
