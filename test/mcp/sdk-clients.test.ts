import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TOOL_NAMES } from '../../src/core/tool-names.ts';
import { startMcp, TOKEN } from '../http/mcp/start-mcp.ts';
import { type AnyClient, MCP_CLIENTS, type ServerTarget } from '../support/mcp-clients.ts';
import { entryCommand } from './spawn-server.ts';

const SETTINGS = { enabledTools: TOOL_NAMES.toReversed(), progressIntervalMs: 50 };

type Server = { readonly target: ServerTarget; readonly close: () => Promise<void> };

async function overStdio(): Promise<Server> {
  return { target: { ...entryCommand(SETTINGS), stderr: 'ignore' }, close: async () => {} };
}

async function overHttp(): Promise<Server> {
  const { url, close } = await startMcp(SETTINGS);
  return { target: { url, token: TOKEN }, close };
}

const CELLS = [
  ...MCP_CLIENTS.map(([name, connect]) => [`${name}, stdio`, connect, overStdio] as const),
  ...MCP_CLIENTS.map(([name, connect]) => [`${name}, HTTP`, connect, overHttp] as const),
];

let firstToolList: string | undefined;

describe.each(CELLS)('%s', (_, connect, serve) => {
  let client: AnyClient;
  let server: Server;

  beforeAll(async () => {
    server = await serve();
    client = await connect(server.target);
  });

  afterAll(async () => {
    await client.close();
    await server.close();
  });

  it('gets the same tools in the same order as every other client', async () => {
    const tools = await client.tools();
    expect(tools.map(({ name }) => name)).toEqual(TOOL_NAMES);
    firstToolList ??= JSON.stringify(tools);
    expect(JSON.stringify(tools)).toBe(firstToolList);
  });

  it('is told of an answer too long for a message, and goes on', async () => {
    const { isError, content } = await client.call('complete', { prompt: 'big:5500000' });
    expect({ isError, text: content[0].text }).toEqual({
      isError: true,
      text: expect.stringMatching(
        /^The answer is too long for a message: clients take 10,485,760 bytes\. \(too_large\).*max_output_tokens/s,
      ),
    });
    const { structuredContent } = await client.call('complete', { prompt: 'big:4000000' });
    expect(structuredContent.text).toHaveLength(4_000_000);
  });

  it('gets instructions that no client cuts', () => {
    expect(client.instructions()).toContain('complete');
    expect(client.instructions()?.length).toBeLessThanOrEqual(2_048);
  });

  // The clients check each answer against the listed output schema and throw when it does not fit.
  it.each([
    ['complete', { prompt: 'hello' }, { text: 'hello', cost_usd: 0.000123456, cached: false }],
    ['complete', { prompt: 'unpriced' }, { text: 'unpriced', cost_usd: null }],
    ['complete', { prompt: 'x', json_schema: { type: 'object' } }, { data: { answer: 'x' } }],
    ['provider_status', { probe: true }, { providers: [{ id: 'openai', status: 'degraded' }, { id: 'ollama' }] }],
    ['cost_report', { period: '7d', group_by: 'model', baseline: 'x/y' }, { totals: { requests: 12 } }],
    ['route_preview', { prompt: 'hello' }, { tier: 'medium', candidates: [{}, { cost_usd_max: null }] }],
    ['list_models', {}, { omitted: 12 }],
    [
      'embed',
      { input: ['a', 'b'] },
      {
        dimensions: 3,
        embeddings: [
          [0, 0.5, -0.5],
          [1, 0.5, -0.5],
        ],
      },
    ],
  ])('accepts the answer of %s to %j', async (name, args, expected) => {
    await client.tools();
    const result = await client.call(name, args);
    expect(result.isError).toBeFalsy();
    expect(result.structuredContent).toMatchObject(expected);
    expect(result.content).toEqual([{ type: 'text', text: expect.stringMatching(/\S/) }]);
  });

  it('gets a failure as a result, with the error beside the text', async () => {
    await client.tools();
    const result = await client.call('complete', { prompt: 'fail' });
    expect(result.isError).toBe(true);
    expect(result.structuredContent.error).toMatchObject({ code: 'all_failed', retry_after_ms: 12_300 });
    expect(result.content[0].text).toContain('Retry: yes, in 13 s.');
  });

  it('reads the resources', async () => {
    expect(await client.resources()).toEqual([
      'signalbox://models',
      'signalbox://providers',
      'signalbox://usage/{period}',
    ]);
    for (const [uri, key] of [
      ['signalbox://models', 'models'],
      ['signalbox://providers', 'providers'],
      ['signalbox://usage/month', 'totals'],
    ] as const) {
      const { contents } = await client.read(uri);
      expect(contents).toEqual([{ uri, mimeType: 'application/json', text: expect.stringContaining(`"${key}":`) }]);
    }
    await expect(client.read('signalbox://usage/fortnight')).rejects.toThrow(/periods are today/);
  });

  it('hears of progress, strictly rising', async () => {
    const heard: { readonly progress: number; readonly message?: string }[] = [];
    await client.call(
      'complete',
      { prompt: 'slow:250' },
      { onprogress: (notice: (typeof heard)[number]) => heard.push(notice) },
    );
    expect(heard.length).toBeGreaterThanOrEqual(2);
    expect(heard.map(({ progress }) => progress)).toEqual(heard.map((_, index) => index + 1));
    expect(heard[0]?.message).toMatch(/openai\/gpt-5-mini: waiting/);
  });

  it('cancels, and goes on with the next call', async () => {
    const abort = new AbortController();
    const call = client.call('complete', { prompt: 'slow:20000' }, { signal: abort.signal });
    setTimeout(() => abort.abort('enough'), 50);
    await expect(call).rejects.toThrow('enough');
    expect((await client.call('complete', { prompt: 'next' })).structuredContent.text).toBe('next');
  });

  it('gets a protocol error for an unknown tool', async () => {
    await expect(client.call('nope', {})).rejects.toThrow(/nope/);
  });
});
