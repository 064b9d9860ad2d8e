import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load-config.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { faultsFrom, faultsOf, load } from '../load.ts';

describe('the file', () => {
  it('may hold comments and trailing commas', async () => {
    const config = await load(`
      // what we use
      { "cache": { "ttl": "12h", /* half a day */ }, }`);
    expect(config.cache.ttlMs).toBe(43_200_000);
  });

  it('may begin with a byte order mark and have Windows line ends', async () => {
    expect((await load('\uFEFF{\r\n"cache": {"enabled": false}\r\n}\r\n')).cache.enabled).toBe(false);
    expect(await faultsOf('{\r\n"cache": 1\r\n}')).toEqual(['mcp.config.json:2:10 cache: must be an object']);
  });

  it.each([
    ['{ "cache" 1 }', '1:11: a colon is expected here.'],
    ['{\n  cache: {} }', '2:3: this word is neither a text in double quotes nor a number, true, false or null.'],
    ['{ "cache": {}\n  "tools": {} }', '2:3: a comma is missing before this.'],
    ['{ "cache": { "ttl": "7d }', '1:21: this text is never closed by a double quote on its line.'],
    ['{ "cache": {}', '1:14: a closing brace is missing.'],
    ['{} {}', '1:4: the file goes on after its end.'],
    ['', '1:1: the file is empty; {} is the least there can be.'],
    ['// nothing\n', '2:1: the file is empty; {} is the least there can be.'],
    ['{ "dataDir": "C:\\data" }', '1:14: this text holds an unknown escape; write a backslash twice.'],
  ])('with a syntax error says where: %s', async (text, expected) => {
    expect(await faultsOf(text)).toEqual([`mcp.config.json:${expected}`]);
  });

  it.each(['[]', '7', 'null', '"text"'])('that holds %s is refused', async (text) => {
    expect(await faultsOf(text)).toEqual(['mcp.config.json:1:1: the configuration must be an object']);
  });

  it('with a NUL in the data folder names the place', async () => {
    expect(await faultsOf({ dataDir: 'a\0b' })).toEqual(['mcp.config.json:1:12 dataDir: holds a control character']);
  });

  it('that is nested ten thousand deep is refused', async () => {
    const text = `{ "models": ${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)} }`;
    expect(await faultsOf(text)).toEqual(['mcp.config.json: the file is nested too deeply to be a configuration.']);
  });

  it.each([
    ['lists', '['.repeat(3_000) + ']'.repeat(3_000), '1:204'],
    ['objects', `${'{"a":'.repeat(3_000)}1${'}'.repeat(3_000)}`, '1:497'],
  ])('refuses %s that the parser could read and nobody after it', async (_name, value, place) => {
    expect(await faultsOf(`{"a":${value}}`)).toEqual([
      `mcp.config.json:${place}: the file is nested too deeply to be a configuration.`,
    ]);
  });

  it('that is too large or no UTF-8 is refused', async () => {
    const cwd = temporaryFolder();
    const write = (bytes: Buffer) => writeFileSync(join(cwd, 'mcp.config.json'), bytes);
    const loading = () => loadConfig({ cwd, env: {}, homeDir: cwd });
    write(Buffer.alloc(1_048_577, ' '));
    expect(await faultsFrom(loading())).toEqual([
      'The configuration mcp.config.json is larger than 1 MB, so it is none.',
    ]);
    write(Buffer.from([0x7b, 0xff, 0xfe, 0x7d]));
    expect(await faultsFrom(loading())).toEqual(['The configuration mcp.config.json is not UTF-8 text.']);
  });

  it('loads, or is refused with a place, whatever it holds', async () => {
    const cwd = temporaryFolder();
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.json(), fc.string()), async (text) => {
        await load(text, { cwd }).catch((error: Error) => {
          expect(error.message).toMatch(/^(?:mcp\.config\.json(?::\d+:\d+)?[: ]|and \d+ more)/);
        });
      }),
      { numRuns: 200 },
    );
  });
});

describe('keys', () => {
  it('that are unknown are named with their place and the nearest known one', async () => {
    const text = `{
  "providers": {
    "openai": { "kind": "openai",
      "apikey": "sk-secret" }
  },
  "caches": {}
}`;
    expect(await faultsOf(text)).toEqual([
      'mcp.config.json:4:7 providers.openai.apikey: unknown key; did you mean "apiKey"?',
      'mcp.config.json:6:3 caches: unknown key; did you mean "cache"?',
    ]);
  });

  it('that are like no known one are answered with the list', async () => {
    expect(await faultsOf({ cache: { zebra: 1 } })).toEqual([
      'mcp.config.json:1:11 cache.zebra: unknown key; known here: enabled, ttl, maxBytes',
    ]);
  });

  it.each([
    [{ providers: { a: { kind: 'openai', keys: [{ name: 'x', value: 'y', wieght: 1 }] } } }, 'weight'],
    [{ models: { 'a/b': { contextTokes: 1 } } }, 'contextTokens'],
    [{ models: { 'a/b': { price: { inputPerMtok: 1 } } } }, 'inputPerMTok'],
    [{ routing: { tiers: { tivial: [] } } }, 'trivial'],
    [{ routing: { tasks: { codes: [] } } }, 'code'],
    [{ routing: { stratgy: 'cost' } }, 'strategy'],
    [{ limits: { attemptMax: 3 } }, 'attemptsMax'],
    [{ server: { hosts: 'x' } }, 'host'],
  ])('are checked at every depth: %j', async (config, near) => {
    expect((await faultsOf(config)).some((line) => line.endsWith(`unknown key; did you mean "${near}"?`))).toBe(true);
  });

  it('that stand twice are refused', async () => {
    const text = '{ "cache": {"ttl": "1d"},\n  "cache": {"ttl": "2d", "ttl": "3d"} }';
    expect(await faultsOf(text)).toEqual([
      'mcp.config.json:2:3 cache: this key stands twice in the same object',
      'mcp.config.json:2:26 cache.ttl: this key stands twice in the same object',
    ]);
  });

  it.each(['__proto__', 'constructor', 'prototype'])('named %s are refused and reach no object', async (key) => {
    expect(await faultsOf(`{ "models": { "${key}": { "polluted": true } } }`)).toEqual([
      `mcp.config.json:1:15 models.${key}: this key is not allowed anywhere`,
    ]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('written in another case are unknown', async () => {
    expect(await faultsOf({ Providers: {} })).toEqual([
      'mcp.config.json:1:2 Providers: unknown key; did you mean "providers"?',
    ]);
  });
});

describe('values', () => {
  it.each([
    [{ dataDir: '  ' }, 'dataDir: must not be empty'],
    [{ cache: { enabled: 'yes' } }, 'cache.enabled: must be true or false'],
    [{ cache: { ttl: 7 } }, 'cache.ttl: must be a text in double quotes'],
    [{ cache: { ttl: '7 days' } }, 'cache.ttl: must be a time such as "90s", "12h" or "7d", at most "3650d"'],
    [{ cache: { ttl: '0s' } }, 'cache.ttl: must be a time such as "90s", "12h" or "7d", at most "3650d"'],
    [{ cache: { maxBytes: 'much' } }, 'cache.maxBytes: must be a size such as "64MB" or "1GB"'],
    [{ cache: { maxBytes: true } }, 'cache.maxBytes: must be a text or a whole number'],
    [{ limits: { attemptsMax: 0 } }, 'limits.attemptsMax: must be at least 1'],
    [{ limits: { attemptsMax: 1.5 } }, 'limits.attemptsMax: must be a whole number'],
    [{ limits: { idleMs: 1e12 } }, 'limits.idleMs: must be at most 86400000'],
    [{ limits: { queue: { max: -1 } } }, 'limits.queue.max: must be at least 0'],
    [{ limits: { queue: { waitMs: 0.5 } } }, 'limits.queue.waitMs: must be a whole number'],
    [{ server: { port: 65_536 } }, 'server.port: must be at most 65535'],
    [{ tools: { enabled: [] } }, 'tools.enabled: must have at least 1 entry'],
    [{ log: { level: 'verbose' } }, 'log.level: must be one of debug, info, warn, error'],
    [{ providers: { a: {} } }, 'providers.a.kind: is missing; it is one of openai, anthropic'],
    [{ providers: { a: { kind: 'open-ai' } } }, 'did you mean "openai"?'],
    [{ routing: { strategy: 'cots' } }, 'must be one of complexity, cost, quality, priority; did you mean "cost"?'],
    [{ server: { tokens: [5] } }, 'server.tokens[0]: must be a text, or an object with name, value'],
    [{ server: { tokens: [{ name: 'a' }] } }, 'server.tokens[0].value: is missing'],
  ])('%j is refused: %s', async (config, expected) => {
    const [line = ''] = await faultsOf(config);
    expect(line).toContain(expected);
  });

  it('within what may be a text or an object are named with their places', async () => {
    expect(await faultsOf({ server: { tokens: [{ name: 'a', valeu: 'x' }] } })).toEqual([
      'mcp.config.json:1:22 server.tokens[0].value: is missing',
      'mcp.config.json:1:34 server.tokens[0].valeu: unknown key; did you mean "value"?',
    ]);
  });

  it('that overflow a number are refused', async () => {
    expect(await faultsOf('{ "limits": { "idleMs": 1e999 } }')).toEqual([
      'mcp.config.json:1:25 limits.idleMs: is too large a number',
    ]);
  });

  it('name tools as the tools are named', async () => {
    const [line = ''] = await faultsOf({ tools: { enabled: ['complete', 'provider-status'] } });
    expect(line).toContain('tools.enabled[1]: must be one of complete, provider_status');
    expect(line).toMatch(/did you mean "provider_status"\?$/);
    expect((await load({ tools: { enabled: ['embed', 'complete', 'embed'] } })).tools.enabled).toEqual([
      'embed',
      'complete',
    ]);
  });
});

describe('all faults', () => {
  it('come at once, of shape and of meaning, in the order of the file, one for each place', async () => {
    const lines = await faultsOf(`{
  "providers": {
    "open ai": { "kind": "openai", "apiKey": "k" },
    "groq": { "kind": "grok", "apiKey": "k" },
    "far": { "kind": "openai-compatible", "baseUrl": "ftp://x" }
  },
  "routing": {
    "tiers": { "trivial": ["gorq/x", "far/a b", "far/ok", "far/ok"], "simple": 7 },
    "fallback": ["nowhere"],
    "strategy": "latency"
  },
  "cache": { "ttl": "soon" },
  "experiments": [{}]
}`);
    expect(lines).toEqual([
      'mcp.config.json:3:5 providers["open ai"]: a provider is named by up to 64 letters, digits, dots, dashes or underscores, and begins with a letter or digit',
      'mcp.config.json:4:23 providers.groq.kind: must be one of openai, anthropic, gemini, groq, ollama, openai-compatible; did you mean "groq"?',
      'mcp.config.json:5:54 providers.far.baseUrl: must begin with http:// or https://',
      'mcp.config.json:8:28 routing.tiers.trivial[0]: no provider "gorq" is declared; did you mean "groq"?',
      'mcp.config.json:8:38 routing.tiers.trivial[1]: the name of the model holds white space, "..", "://" or too many letters',
      'mcp.config.json:8:59 routing.tiers.trivial[3]: far/ok stands twice in this list',
      'mcp.config.json:8:80 routing.tiers.simple: must be a list',
      'mcp.config.json:9:18 routing.fallback[0]: "nowhere" is neither provider/model nor an alias',
      'mcp.config.json:10:17 routing.strategy: strategy "latency" is not available yet; leave it out',
      'mcp.config.json:12:21 cache.ttl: must be a time such as "90s", "12h" or "7d", at most "3650d"',
      'mcp.config.json:13:18 experiments: is not available yet; leave it out',
    ]);
  });

  it('are cut off when there are very many', async () => {
    const keys = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`zebra${index}`, 1]));
    const lines = await faultsOf(keys);
    expect(lines.length).toBe(31);
    expect(lines.at(-1)).toBe('and 70 more');
  });

  it('never show a value that may be a secret', async () => {
    const secret = 'sk-live-4242';
    const lines = await faultsOf({
      providers: {
        a: { kind: 'openai', apiKey: `${secret} with spaces`, headers: { 'x y': secret, ok: `${secret}\n` } },
        b: { kind: 'openai', apiKey: [secret] },
        c: { kind: 'openai', baseUrl: `https://user:${secret}@x` },
        d: { kind: secret },
      },
      cache: { ttl: secret, maxBytes: secret },
      server: { tokens: [[secret], { name: 'a', valeu: secret }, { name: [secret], value: secret }] },
      routing: { verify: { tasks: [secret] } },
    });
    expect(lines.length).toBe(13);
    expect(lines.join('\n')).not.toContain(secret);
  });
});

describe('what comes later', () => {
  it.each(['rulesFile', 'experiments', 'objectives', 'verify', 'agent', 'memory', 'mcpServers'])(
    '%s is not available yet, whatever it holds',
    async (key) => {
      for (const value of [[], {}, null, false, 'x', [{ name: 'x' }]]) {
        expect(await faultsOf({ [key]: value })).toEqual([
          expect.stringContaining(`${key}: is not available yet; leave it out`),
        ]);
      }
    },
  );

  it.each([{ rules: ['x'] }, { tests: ['x'] }, { manual: 'openai/x' }])(
    'routing %j is not available yet',
    async (routing) => {
      expect(await faultsOf({ routing })).toEqual([expect.stringContaining('is not available yet; leave it out')]);
    },
  );

  it('rules and tests may stand empty', async () => {
    expect((await load({ routing: { rules: [], tests: [] } })).routing.strategy).toBe('complexity');
  });

  it.each(['latency', 'round_robin', 'weighted', 'least_busy', 'manual'])(
    'strategy %s is not available yet',
    async (strategy) => {
      expect(await faultsOf({ routing: { strategy } })).toEqual([
        `mcp.config.json:1:24 routing.strategy: strategy "${strategy}" is not available yet; leave it out`,
      ]);
    },
  );
});
