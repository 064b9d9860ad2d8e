import { hostname, networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import { isOwnAddress } from '../../src/config/providers/own-address.ts';
import { faultsOf, load, ref } from './load.ts';

const one = (provider: object) => ({ providers: { p: provider } });
/** What stands behind the path, without the place. */
const messages = async (config: object) => (await faultsOf(config)).map((line) => line.replace(/^\S+ /, ''));

describe('a provider', () => {
  it('takes one key or several, headers, an address, and may be switched off', async () => {
    const config = await load({
      providers: {
        main: {
          kind: 'anthropic',
          apiKey: 'k',
          baseUrl: 'https://proxy.example/anthropic/',
          headers: { 'x-org': '7' },
        },
        spare: { kind: 'anthropic', keys: [{ name: 'a', value: 'k1' }], enabled: true },
        off: { kind: 'groq', apiKey: 'k', enabled: false },
      },
    });
    expect(config.providers).toEqual([
      {
        id: 'main',
        kind: 'anthropic',
        baseUrl: 'https://proxy.example/anthropic',
        headers: { 'x-org': '7' },
        keys: [{ name: 'default', value: 'k', weight: 1 }],
        status: 'configured',
      },
      { id: 'spare', kind: 'anthropic', keys: [{ name: 'a', value: 'k1', weight: 1 }], status: 'configured' },
      { id: 'off', kind: 'groq', keys: [], status: 'disabled' },
    ]);
  });

  it('of a kind that wants no key gets one without a value', async () => {
    const { providers, warnings } = await load({
      providers: {
        ollama: { kind: 'ollama', baseUrl: 'http://127.0.0.1:1' },
        lmstudio: { kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:1234/v1' },
      },
    });
    for (const { keys, status } of providers) {
      expect(keys).toEqual([{ name: 'none', value: '', weight: 1 }]);
      expect(status).toBe('configured');
    }
    expect(warnings).toEqual([]);
  });

  it('without the key it needs is unconfigured', async () => {
    const { providers, warnings } = await load(one({ kind: 'gemini' }));
    expect(providers[0]?.status).toBe('unconfigured');
    expect(warnings[0]).toBe('mcp.config.json:1:19 providers.p is not used: it has no apiKey.');
    expect((await load(one({ kind: 'gemini', apiKey: '' }))).warnings[0]).toContain('its key is empty');
  });

  it('has either one key or several', async () => {
    expect(await messages(one({ kind: 'groq', apiKey: 'k', keys: [{ name: 'a', value: 'b' }] }))).toEqual([
      'providers.p.keys: give either apiKey or keys, not both',
    ]);
  });

  it.each([
    [{ name: 'a', value: 'x', weight: 0 }, 'keys[1].weight: must be more than 0'],
    [{ name: 'a', value: 'x', weight: 1e308 }, 'keys[1].weight: must be at most 1000000'],
    [{ name: 'a', value: 'x', weight: -1 }, 'keys[1].weight: must be more than 0'],
    [{ name: 'first', value: 'x' }, 'keys[1].name: another key of this provider has the same name'],
    [{ name: '', value: 'x' }, 'keys[1].name: must not be empty'],
    [{ value: 'x' }, 'keys[1].name: is missing'],
    [{ name: 'a ', value: 'x' }, 'keys[1].name: must have no blank at its ends'],
    [{ name: '\u00a0a', value: 'x' }, 'keys[1].name: must have no blank at its ends'],
    [{ name: 'a\u0007b', value: 'x' }, 'keys[1].name: must have no blank at its ends, and no control character'],
    [{ name: 'a', value: 'x', account: ' ' }, 'keys[1].account: must have no blank at its ends'],
    [{ name: 'a', value: 'x', models: [] }, 'keys[1].models: must have at least 1 entry'],
    [{ name: 'a', value: 'two words' }, 'keys[1].value: the key holds characters that no key has'],
    [{ name: 'a', value: 'line\nbreak' }, 'keys[1].value: the key holds characters that no key has'],
  ])('refuses the key %j', async (key, expected) => {
    const [message = ''] = await messages(one({ kind: 'groq', keys: [{ name: 'first', value: 'k' }, key] }));
    expect(message).toContain(`providers.p.${expected}`);
  });

  it.each([
    ['groq', 'p/llama-3.3-70b-versatile', 'llama-3.3-70b-versatile'],
    ['groq', 'llama-3.3-70b-versatile', 'llama-3.3-70b-versatile'],
    // Nobody knows it either way.
    ['groq', 'p/unheard-of', 'p/unheard-of'],
    // A vendor's own name may begin with the name of the provider.
    ['openai-compatible', 'p/auto', 'p/auto'],
    ['openai-compatible', 'p/house-model', 'house-model'],
  ] as const)('of kind %s takes the model %j of a key for %j', async (kind, written, meant) => {
    const provider = { kind, baseUrl: 'http://127.0.0.1:9/v1', keys: [{ name: 'a', value: 'b', models: [written] }] };
    const models = { 'p/p/auto': {}, 'p/auto': {}, 'p/house-model': {} };
    const { providers } = await load({ providers: { p: provider }, models: kind === 'groq' ? {} : models });
    expect(providers[0]?.keys[0]?.models).toEqual([meant]);
  });

  it('called groq has models whose own names begin so', async () => {
    const keys = [{ name: 'a', value: 'b', models: ['groq/compound', 'groq/openai/gpt-oss-20b'] }];
    const { providers } = await load({ providers: { groq: { kind: 'groq', keys } } });
    expect(providers[0]?.keys[0]?.models).toEqual(['groq/compound', 'openai/gpt-oss-20b']);
  });

  it.each(['a/b', '', '-a', 'ä', 'a b', 'x'.repeat(65), '.hidden'])('may not be called %j', async (id) => {
    const [message = ''] = await faultsOf({ providers: { [id]: { kind: 'groq', apiKey: 'k' } } });
    expect(message).toContain(
      'a provider is named by up to 64 letters, digits, dots, dashes or underscores, and begins',
    );
  });

  it.each(['openai', 'work-openai', 'a.b_c', '7', 'auto'])('may be called %s', async (id) => {
    expect((await load({ providers: { [id]: { kind: 'groq', apiKey: 'k' } } })).providers[0]?.id).toBe(id);
  });
});

describe('an address', () => {
  it('is taken without the line break at its end that a variable or a file leaves', async () => {
    const far = { kind: 'openai-compatible', baseUrl: ref('FAR') };
    const config = await load({ providers: { far } }, { env: { FAR: ' https://example.com/v1/\n' } });
    expect(config.providers[0]?.baseUrl).toBe('https://example.com/v1');
  });

  it.each([
    ['example.com', 'must begin with http:// or https://'],
    ['/v1', 'must be a whole URL'],
    ['localhost:1234', 'must begin with http:// or https://'],
    ['http://', 'must be a whole URL'],
    ['file:///etc/passwd', 'is no file'],
    ['javascript:alert(1)', 'must begin with http:// or https://'],
    ['https://user@example.com', 'must not hold a user name or password'],
    ['https://:pass@example.com', 'must not hold a user name or password'],
    ['https://example.com/v1?key=1', 'must end with its path'],
    ['https://example.com/v1#x', 'must end with its path'],
  ])('%s is refused', async (baseUrl, expected) => {
    const [message = ''] = await messages(one({ kind: 'openai-compatible', baseUrl }));
    if (baseUrl.startsWith('file:')) expect(message).not.toContain('root:');
    else if (baseUrl === 'example.com') expect(message).toContain('must be a whole URL');
    else expect(message).toContain(`providers.p.baseUrl: ${expected}`);
  });

  it('is needed where the kind has none of its own', async () => {
    expect(await messages(one({ kind: 'openai-compatible' }))).toEqual([
      'providers.p.baseUrl: a provider of kind openai-compatible needs a baseUrl',
    ]);
  });
});

describe('a header', () => {
  it.each([
    [{ 'x y': '1' }, 'is not a name a header can have'],
    [{ '': '1' }, 'is not a name a header can have'],
    [{ 'x-a': 'a\r\nb: c' }, 'holds characters that a header cannot carry'],
    [{ 'x-a': '日本' }, 'holds characters that a header cannot carry'],
    [{ Host: 'x' }, 'is set by the connection itself'],
    [{ 'content-length': '1' }, 'is set by the connection itself'],
  ])('%j is refused', async (headers, expected) => {
    expect((await messages(one({ kind: 'groq', apiKey: 'k', headers })))[0]).toContain(expected);
  });
});

describe('a provider that is Signalbox itself', () => {
  const loops = (baseUrl: string, server: object = {}) =>
    load({ providers: { p: { kind: 'openai-compatible', baseUrl } }, server }).then(
      () => false,
      (error: Error) => error.message.includes('is the address Signalbox itself listens on'),
    );

  it.each([
    'http://127.0.0.1:8787/v1',
    'http://localhost:8787/v1',
    'http://LOCALHOST.:8787',
    'http://127.1:8787',
    'http://127.0.0.53:8787',
    'http://0.0.0.0:8787',
    'http://[::1]:8787',
    'http://[::]:8787',
    'http://[::ffff:127.0.0.1]:8787',
    'http://2130706433:8787',
    'https://localhost:8787',
  ])('is refused as %s', async (baseUrl) => {
    expect(await loops(baseUrl)).toBe(true);
  });

  it.each(['http://127.0.0.1:8788', 'http://example.com:8787', 'http://localhost'])('is not %s', async (baseUrl) => {
    expect(await loops(baseUrl)).toBe(false);
  });

  it('is found by the listener that the configuration sets', async () => {
    expect(await loops('http://localhost:9999', { port: 9999 })).toBe(true);
    expect(await loops('http://localhost:8787', { port: 9999 })).toBe(false);
    expect(await loops('http://localhost', { port: 80 })).toBe(true);
    expect(await loops('https://gate.example:8443', { host: 'gate.example', port: 8443 })).toBe(true);
    expect(await loops('http://127.0.0.1:8787', { host: '192.0.2.7' })).toBe(false);
  });

  it('is found at every address of the machine when it listens everywhere', () => {
    const everywhere = { host: '0.0.0.0', port: 8787 };
    expect(isOwnAddress('http://127.0.0.1:8787', everywhere)).toBe(true);
    expect(isOwnAddress('http://203.0.113.9:8787', everywhere)).toBe(false);
    expect(isOwnAddress(`http://${hostname()}:8787`, everywhere)).toBe(true);
    for (const { address, family } of Object.values(networkInterfaces()).flatMap((list) => list ?? [])) {
      const host = family === 'IPv6' ? `[${address}]` : address;
      expect(isOwnAddress(`http://${host}:8787/v1`, everywhere), host).toBe(true);
    }
  });
});
