import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startServe } from '../support/serve.ts';
import { startUpstream } from '../support/start-upstream.ts';
import { createWorkplace } from './workplace.ts';

const LAUNCHER = join(import.meta.dirname, '../../bin/signalbox.cjs');
/** Enough for one answer at its largest, 95 tokens in and 40 out; the first one takes 15,000 of it, and leaves too little for a second. */
const BUDGETS = [{ name: 'tiny', limitUsd: 0.00018, onReached: 'ask' }];
const ERAS = [
  ['2026-07-28', { mode: { pin: '2026-07-28' } }],
  ['older', { mode: 'legacy' }],
] as const;

type Era = (typeof ERAS)[number][1];

/** A client whose person answers so; without an answer it cannot ask. */
function clientThatSays(answer: boolean | undefined, versionNegotiation: Era) {
  const capabilities = answer === undefined ? {} : { elicitation: {} };
  const client = new Client({ name: 'asked', version: '1' }, { versionNegotiation, capabilities });
  const questions: string[] = [];
  if (answer !== undefined) {
    client.setRequestHandler('elicitation/create', async (request) => {
      questions.push(request.params.message);
      return { action: 'accept' as const, content: { allow: answer } };
    });
  }
  onTestFinished(() => client.close());
  return { client, questions };
}

async function overStdio(client: Client) {
  const upstream = await startUpstream();
  const place = createWorkplace([{ id: 'first', kind: 'openai', upstream }], { budgets: BUDGETS });
  onTestFinished(() => place.remove());
  const env = { HOME: place.folder, PATH: process.env.PATH ?? '' };
  const args = [LAUNCHER, '--config', place.configPath];
  await client.connect(new StdioClientTransport({ command: process.execPath, args, env, stderr: 'inherit' }));
  return upstream;
}

async function overHttp(client: Client) {
  const upstream = await startUpstream();
  const { url, token } = await startServe({
    upstreams: [{ id: 'first', kind: 'openai', upstream }],
    config: { budgets: BUDGETS },
  });
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { requestInit }));
  return upstream;
}

const ask = (client: Client, prompt: string) =>
  client.callTool({ name: 'complete', arguments: { prompt, cache: 'off', max_output_tokens: 40, tier: 'trivial' } });

describe.each(ERAS)('a budget that asks, MCP %s', (_era, versionNegotiation) => {
  describe.each([
    ['stdio', overStdio],
    ['HTTP', overHttp],
  ] as const)('over %s', (_transport, connect) => {
    test('asks the person, and goes on after a yes', async () => {
      const { client, questions } = clientThatSays(true, versionNegotiation);
      const upstream = await connect(client);
      expect((await ask(client, 'one')).isError).toBeFalsy();
      expect(questions).toEqual([]);
      const second = await ask(client, 'two');
      expect(second.isError).toBeFalsy();
      expect(questions).toHaveLength(1);
      expect(questions[0]).toContain('budget "tiny" has');
      expect(upstream.requests).toHaveLength(2);
    });

    test('does not ask again when what was allowed fails for another reason', async () => {
      const { client, questions } = clientThatSays(true, versionNegotiation);
      const upstream = await connect(client);
      await ask(client, 'one');
      upstream.script({ say: { failure: 'invalid' } });
      expect(await ask(client, 'two')).toMatchObject({ isError: true });
      expect([questions.length, upstream.requests.length]).toEqual([1, 2]);
    });

    test('refuses after a no, and where nobody can be asked', async () => {
      const no = clientThatSays(false, versionNegotiation);
      const upstream = await connect(no.client);
      await ask(no.client, 'one');
      const refused = await ask(no.client, 'two');
      expect(refused.isError).toBe(true);
      expect(JSON.stringify(refused.structuredContent)).toContain('budget_exceeded');
      expect(no.questions).toHaveLength(1);
      expect(upstream.requests).toHaveLength(1);
    });
  });
});

test('a client that cannot ask is refused with what is spent and what to do', async () => {
  const { client } = clientThatSays(undefined, { mode: 'legacy' });
  const upstream = await overStdio(client);
  await ask(client, 'one');
  const refused = await ask(client, 'two');
  expect(refused.isError).toBe(true);
  expect(JSON.stringify(refused.content)).toMatch(/budget \\"tiny\\" has \$\S+ of \$0\.00018 used/);
  expect(upstream.requests).toHaveLength(1);
});

test.each(ERAS)(
  'a client that can only open addresses is refused like one that cannot ask, MCP %s',
  async (_era, mode) => {
    const capabilities = { elicitation: { url: {} } };
    const client = new Client({ name: 'asked', version: '1' }, { versionNegotiation: mode, capabilities });
    onTestFinished(() => client.close());
    await overStdio(client);
    await ask(client, 'one');
    const refused = await ask(client, 'two');
    expect(refused).toMatchObject({ isError: true, structuredContent: { error: { code: 'budget_exceeded' } } });
  },
);

test.each([
  ['stdio', overStdio],
  ['HTTP', overHttp],
] as const)(
  'an older client that fails to ask gets the refusal of the budget, over %s',
  async (_transport, connect) => {
    const { client } = clientThatSays(false, { mode: 'legacy' });
    client.setRequestHandler('elicitation/create', () => Promise.reject(new Error('No window is open.')));
    const upstream = await connect(client);
    await ask(client, 'one');
    const refused = await ask(client, 'two');
    expect(refused).toMatchObject({ isError: true, structuredContent: { error: { code: 'budget_exceeded' } } });
    expect(upstream.requests).toHaveLength(1);
  },
);

test('an answer that nobody was asked for allows nothing', async () => {
  const { client, questions } = clientThatSays(false, { mode: { pin: '2026-07-28' } });
  const upstream = await overStdio(client);
  await ask(client, 'one');
  const forged = client.callTool({
    name: 'complete',
    arguments: { prompt: 'two', cache: 'off', max_output_tokens: 40, tier: 'trivial' },
    inputResponses: { budget: { action: 'accept', content: { allow: true } } },
    requestState: 'v1.Zm9yZ2Vk.Zm9yZ2Vk',
  } as never);
  await expect(forged).rejects.toThrow(
    '"requestState" is too old, or none that this process gave out; call again without it',
  );
  expect(questions.length).toBeLessThanOrEqual(1);
  expect(upstream.requests).toHaveLength(1);
});

test('a yes is good for one call of the one who was asked', async () => {
  const upstream = await startUpstream();
  const tokens = ['first-token-3kT9vXq2LmZ8', 'other-token-7pR4wYs6NdQ1'];
  const { url } = await startServe({
    upstreams: [{ id: 'first', kind: 'openai', upstream }],
    config: { budgets: [{ ...BUDGETS[0], window: 'month' }], server: { tokens } },
  });
  const call = async (token: string | undefined, prompt: string, more: object = {}) => {
    const response = await fetch(`${url}/mcp`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': 'tools/call',
        'mcp-name': 'complete',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: {
          name: 'complete',
          arguments: { prompt, cache: 'off', max_output_tokens: 40, tier: 'trivial' },
          _meta: {
            'io.modelcontextprotocol/protocolVersion': '2026-07-28',
            'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
            'io.modelcontextprotocol/clientCapabilities': { elicitation: {} },
          },
          ...more,
        },
      }),
    });
    const text = await response.text();
    const line = text.startsWith('{') ? text : (text.match(/^data: (.*)$/m)?.[1] ?? '{}');
    return JSON.parse(line);
  };
  await call(tokens[0], 'one');
  const asked = await call(tokens[0], 'two');
  const yes = {
    inputResponses: { budget: { action: 'accept', content: { allow: true } } },
    requestState: asked.result.requestState,
  };
  for (const [token, prompt] of [
    [tokens[1], 'two'],
    [tokens[0], 'three'],
  ] as const) {
    const r = await call(token, prompt, yes);
    expect(r.result?.content).toBeUndefined();
  }
  expect(upstream.requests).toHaveLength(1);
  const both = await Promise.all([call(tokens[0], 'two', yes), call(tokens[0], 'two', yes)]);
  expect(both.map(({ result }) => result.resultType).sort()).toEqual(['complete', 'input_required']);
  expect(upstream.requests).toHaveLength(2);
});
