import { writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { ollamaUrlFrom, probeOllama } from '../../src/config/providers/probe-ollama.ts';
import { startClock } from '../support/given-time.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { faultsFrom, load } from './load.ts';

/** Nothing listens there, whatever runs on the machine of the tests. */
const NO_OLLAMA = { OLLAMA_HOST: '127.0.0.1:1' };
const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Answers as Ollama's `GET /api/tags` does. */
function ollama(models: readonly object[]): RequestListener {
  return (request, response) => {
    response.statusCode = request.url === '/api/tags' && request.method === 'GET' ? 200 : 404;
    response.end(JSON.stringify({ models }));
  };
}

const PULLED = [
  { name: 'qwen3:8b', model: 'qwen3:8b', size: 5_200_000_000, details: { parameter_size: '8.2B' } },
  { name: 'llama3.2:latest', model: 'llama3.2:latest', size: 2_000_000_000 },
  { name: 'nomic-embed-text:latest', size: 274_000_000 },
];

async function fromEnvironment(env: Record<string, string>) {
  const cwd = temporaryFolder();
  return await loadConfig({ cwd, env: { ...NO_OLLAMA, ...env }, homeDir: cwd });
}

describe('without a configuration', () => {
  it('the vendors whose usual key is set are used', async () => {
    const { source, providers, routing } = await fromEnvironment({
      OPENAI_API_KEY: 'sk-1',
      ANTHROPIC_API_KEY: 'sk-2',
      GEMINI_API_KEY: 'g-1',
      GROQ_API_KEY: 'gsk-1',
    });
    expect(source).toBe('environment');
    expect(providers.map(({ id, kind, keys, status }) => [id, kind, keys[0]?.value, status])).toEqual([
      ['openai', 'openai', 'sk-1', 'configured'],
      ['anthropic', 'anthropic', 'sk-2', 'configured'],
      ['gemini', 'gemini', 'g-1', 'configured'],
      ['groq', 'groq', 'gsk-1', 'configured'],
    ]);
    expect(routing.tiers.trivial[0]).toBe('groq/openai/gpt-oss-20b');
    expect(routing.tiers.expert[0]).toBe('anthropic/claude-opus-5-5');
    expect(routing.strategy).toBe('complexity');
  });

  it('GOOGLE_API_KEY serves where GEMINI_API_KEY is not set or empty', async () => {
    const keyFor = async (env: Record<string, string>) => (await fromEnvironment(env)).providers[0]?.keys[0]?.value;
    expect(await keyFor({ GOOGLE_API_KEY: 'b' })).toBe('b');
    expect(await keyFor({ GEMINI_API_KEY: '', GOOGLE_API_KEY: 'b' })).toBe('b');
    expect(await keyFor({ GEMINI_API_KEY: 'a', GOOGLE_API_KEY: 'b' })).toBe('a');
  });

  it('a variable set to nothing counts as not set', async () => {
    const { providers } = await fromEnvironment({
      OPENAI_API_KEY: '  ',
      GROQ_API_KEY: 'k',
      OPENAI_BASE_URL: 'nonsense',
    });
    expect(providers.map(({ id }) => id)).toEqual(['groq']);
  });

  it('addresses of OpenAI and Anthropic are taken over', async () => {
    const { providers } = await fromEnvironment({
      OPENAI_API_KEY: 'k',
      OPENAI_BASE_URL: 'https://proxy.example/v1/',
      ANTHROPIC_API_KEY: 'k',
      ANTHROPIC_BASE_URL: 'http://localhost:4000',
    });
    expect(providers.map(({ baseUrl }) => baseUrl)).toEqual(['https://proxy.example/v1', 'http://localhost:4000']);
  });

  it('a wrong address or key names its variable and no value', async () => {
    const lines = await faultsFrom(
      fromEnvironment({
        OPENAI_API_KEY: 'hunter two',
        OPENAI_BASE_URL: 'hunter2',
        ANTHROPIC_API_KEY: 'k',
        ANTHROPIC_BASE_URL: 'http://localhost:8787/v1',
      }),
    );
    expect(lines).toEqual([
      'The environment variable OPENAI_API_KEY: the key holds characters that no key has (white space, letters beyond ASCII)',
      'The environment variable OPENAI_BASE_URL: must be a whole URL such as "https://api.example.com/v1"',
      'The environment variable ANTHROPIC_BASE_URL: is the address Signalbox itself listens on (port 8787); requests would go round in a circle',
    ]);
  });

  it('nothing at all is no error but a warning that says what to set', async () => {
    const { providers, routing, warnings } = await fromEnvironment({});
    expect(providers).toEqual([]);
    expect(Object.values(routing.tiers).flat()).toEqual([]);
    expect(warnings).toEqual([
      'Ollama is not used: nothing answers at the address in OLLAMA_HOST.',
      expect.stringMatching(
        /^No provider is configured\. Set OPENAI_API_KEY, .*`signalbox init` to write mcp\.config\.json\.$/,
      ),
    ]);
  });

  it('the rest has its defaults', async () => {
    const config = await fromEnvironment({ GROQ_API_KEY: 'k' });
    expect(config.cache).toEqual({ enabled: true, ttlMs: 604_800_000, maxBytes: 268_435_456 });
    expect(config.limits).toEqual({
      attemptsMax: 3,
      connectMs: 5_000,
      firstTokenMs: 30_000,
      firstTokenSlowMs: 120_000,
      idleMs: 30_000,
      totalMs: 600_000,
      queue: { max: 100, waitMs: 10_000 },
    });
    expect(config.tools.enabled).toEqual([
      'complete',
      'provider_status',
      'cost_report',
      'route_preview',
      'list_models',
    ]);
    expect(config.log).toEqual({});
    expect(config.server).toMatchObject({ host: '127.0.0.1', port: 8787, tokens: [] });
  });
});

describe('an Ollama', () => {
  it('that answers is used with the models it has pulled', async () => {
    const host = await serve(ollama(PULLED));
    const { providers, routing, models, warnings } = await fromEnvironment({ OLLAMA_HOST: host, OPENAI_API_KEY: 'k' });
    expect(providers[1]).toEqual({
      id: 'ollama',
      kind: 'ollama',
      baseUrl: `http://${host}`,
      keys: [{ name: 'none', value: '', weight: 1 }],
      status: 'configured',
    });
    expect(routing.tiers.trivial).toEqual(['ollama/llama3.2:latest', 'ollama/qwen3:8b', 'openai/gpt-6-luna']);
    expect(routing.tasks.local).toEqual(['ollama/qwen3:8b', 'ollama/llama3.2:latest']);
    expect(models.map(({ ref }) => ref)).toContain('ollama/nomic-embed-text:latest');
    expect(warnings).toEqual([]);
  });

  it('that does not answer is left out, with a warning only when it was named', async () => {
    const named = await fromEnvironment({ OLLAMA_HOST: '127.0.0.1:1', GROQ_API_KEY: 'k' });
    expect(named.providers.map(({ id }) => id)).toEqual(['groq']);
    expect(named.warnings).toEqual(['Ollama is not used: nothing answers at the address in OLLAMA_HOST.']);
    const nonsense = await fromEnvironment({ OLLAMA_HOST: 'http://[', GROQ_API_KEY: 'k' });
    expect(nonsense.warnings).toEqual(named.warnings);
  });

  it('that keeps silent holds start-up for no more than its limit', async () => {
    const host = await serve(() => {});
    const elapsedMs = startClock();
    expect(await probeOllama('ollama', `http://${host}`)).toBeUndefined();
    expect(elapsedMs()).toBeLessThan(2_000);
  });

  it.each([
    [
      'an error',
      (_: unknown, response: import('node:http').ServerResponse) => response.writeHead(500).end('{"models":[]}'),
    ],
    ['HTML', (_: unknown, response: import('node:http').ServerResponse) => response.end('<html>')],
    ['another JSON', (_: unknown, response: import('node:http').ServerResponse) => response.end('{"models":7}')],
    [
      'half an answer',
      (_: unknown, response: import('node:http').ServerResponse) => {
        response.write('{"models":[');
        response.destroy();
      },
    ],
    [
      'an endless answer',
      (_: unknown, response: import('node:http').ServerResponse) =>
        response.end(`{"models":[${' '.repeat(5_000_000)}]}`),
    ],
  ])('that answers %s is none', async (_name, listener) => {
    expect(await probeOllama('ollama', `http://${await serve(listener)}`)).toBeUndefined();
  });

  it('with models of impossible names gives those that are possible', async () => {
    const host = await serve(ollama([{ name: 'a b' }, { name: 7 }, {}, { name: '../x' }, { name: 'ok:1b' }]));
    expect(await probeOllama('near', `http://${host}/`)).toEqual([{ provider: 'near', name: 'ok:1b' }]);
  });

  it('in a configuration without tiers is asked for its models as well', async () => {
    const host = await serve(ollama(PULLED));
    const providers = { here: { kind: 'ollama', baseUrl: `http://${host}` } };
    const { routing } = await load({ providers });
    expect(routing.tiers.simple).toEqual(['here/qwen3:8b', 'here/llama3.2:latest']);
  });

  it('in a configuration with tiers is not asked', async () => {
    let asked = 0;
    const host = await serve((request, response) => {
      asked += 1;
      ollama(PULLED)(request, response);
    });
    const providers = { here: { kind: 'ollama', baseUrl: `http://${host}` } };
    const { routing } = await load({ providers, routing: { tiers: { simple: ['here/mine'] } } });
    expect(routing.tiers.simple).toEqual(['here/mine']);
    expect(asked).toBe(0);
  });

  it.each([
    ['localhost', 'http://localhost:11434'],
    ['gpu.example', 'http://gpu.example:11434'],
    ['gpu.example:8000', 'http://gpu.example:8000'],
    ['10.0.0.7:80', 'http://10.0.0.7'],
    [':12000', 'http://127.0.0.1:12000'],
    ['0.0.0.0', 'http://127.0.0.1:11434'],
    ['0.0.0.0:9999', 'http://127.0.0.1:9999'],
    ['http://0.0.0.0:11434', 'http://127.0.0.1:11434'],
    ['[::]:11434', 'http://127.0.0.1:11434'],
    ['[::1]', 'http://[::1]:11434'],
    ['::1', 'http://[::1]:11434'],
    ['http://gpu.example', 'http://gpu.example'],
    ['https://gpu.example/ollama/', 'https://gpu.example/ollama'],
    ['"gpu.example:8000"', 'http://gpu.example:8000'],
    ['  gpu.example  ', 'http://gpu.example:11434'],
  ])('named as %s is sought at %s', (host, url) => {
    expect(ollamaUrlFrom(host)).toBe(url);
  });

  it.each(['http://', 'http://user:pass@x', 'a b', 'ftp://x', 'x:99999'])('is not sought at %s', (host) => {
    expect(ollamaUrlFrom(host)).toBeUndefined();
  });
});

it('a configuration file, once there, is all that counts', async () => {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'mcp.config.json'), '{ "providers": { "mine": { "kind": "groq", "apiKey": "k" } } }');
  const { providers } = await loadConfig({ cwd, env: { OPENAI_API_KEY: 'k' }, homeDir: cwd });
  expect(providers.map(({ id }) => id)).toEqual(['mine']);
});
