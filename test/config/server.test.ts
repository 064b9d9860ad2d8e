import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ResolvedServer, resolveServer } from '../../src/config/server/resolve-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { faultsFrom, faultsOf, load, ref } from './load.ts';

const TOKEN = 'a-good-token-3kT9vXq2';
const OTHER = 'another-token-8Yb4LmW1';

async function resolve(server: object, env: Record<string, string> = {}): Promise<ResolvedServer> {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'secret.txt'), `${OTHER}\n`);
  const config = await load({ server }, { cwd, env });
  return resolveServer(config, { env, cwd, homeDir: cwd, platform: 'linux' });
}

const faults = (server: object, env: Record<string, string> = {}) => faultsFrom(resolve(server, env));

describe('tokens', () => {
  it('may be written, named in the environment or kept in a file', async () => {
    const { tokens } = await resolve({ tokens: [TOKEN, ref('TOKEN'), 'file:secret.txt'] }, { TOKEN: `${TOKEN}-2` });
    expect(tokens.map(({ value }) => value)).toEqual([TOKEN, `${TOKEN}-2`, OTHER]);
  });

  it('with a name are the tenant of that name, with what else is said of them', async () => {
    const more = { team: 'blue', user: 'ada', requestsPerMinute: 60, concurrency: 4 };
    const { tokens } = await resolve({ tokens: [{ name: 'ci', value: TOKEN, ...more }] });
    expect(tokens).toEqual([{ value: TOKEN, tenant: 'ci', ...more }]);
  });

  it('without a name are a tenant that stays the same in any order, and tells nothing of the token', async () => {
    const tenants = async (...tokens: string[]) =>
      Object.fromEntries((await resolve({ tokens })).tokens.map(({ value, tenant }) => [value, tenant]));
    const first = await tenants(TOKEN, OTHER);
    expect(await tenants(OTHER, TOKEN)).toEqual(first);
    expect(new Set(Object.values(first)).size).toBe(2);
    for (const tenant of Object.values(first)) expect(tenant).toMatch(/^token-[0-9a-f]{12}$/);
  });

  it.each([
    ['too long', 'abcdefgh'.repeat(200), /longer than/],
    ['with a space', 'a good token of many words', /cannot carry/],
    ['with letters no header has', `${TOKEN}é`, /cannot carry/],
  ])('are refused when %s, by their place and without their value', async (_what, value, reason) => {
    for (const [token, place] of [
      [value, 'server.tokens[0]'],
      [{ name: 'ci', value }, 'server.tokens[0].value'],
    ]) {
      const [fault = '', ...others] = await faults({ tokens: [token] });
      expect(others).toEqual([]);
      expect(fault).toContain(`${place}: `);
      expect(fault).toMatch(reason);
      expect(fault).not.toContain(value);
    }
  });

  it.each([
    ['short', 'abcdefgh1234567', /shorter than 16/],
    ['of one letter', 'a'.repeat(40), /easy to guess/],
  ])('are taken with a warning when %s', async (_what, value, reason) => {
    const { tokens, warnings } = await resolve({ tokens: [{ name: 'ci', value }] });
    expect(tokens).toMatchObject([{ value, tenant: 'ci' }]);
    expect(warnings).toEqual([expect.stringMatching(/^server\.tokens\[0\]\.value /)]);
    expect(warnings[0]).toMatch(reason);
    expect(warnings[0]).not.toContain(value);
  });

  it('are refused when their variable or file is missing, which is named', async () => {
    expect(await faults({ tokens: [ref('MISSING')] })).toEqual([
      expect.stringContaining('server.tokens[0]: the variable MISSING is not set'),
    ]);
    expect(await faults({ tokens: [{ name: 'ci', value: 'file:none.txt' }] })).toEqual([
      expect.stringMatching(/server\.tokens\[0\]\.value: the file .*none\.txt does not exist/),
    ]);
  });

  it('are refused when two are the same, or have the same name', async () => {
    const [twice] = await faults({ tokens: [TOKEN, { name: 'ci', value: TOKEN }] });
    expect(twice).toContain('server.tokens[1].value: is the same as server.tokens[0]');
    expect(twice).not.toContain(TOKEN);
    const tokens = [
      { name: 'ci', value: TOKEN },
      { name: 'ci', value: OTHER },
    ];
    expect((await faults({ tokens }))[0]).toContain('server.tokens[1].name: is the same as server.tokens[0].name');
  });

  it.each(['team', 'user'])('may not have a blank at the end of their %s', async (group) => {
    const path = `server.tokens[0].${group}: must have no blank at its ends`;
    expect(await faults({ tokens: [{ name: 'ci', value: TOKEN, [group]: 'blue ' }] })).toEqual([
      expect.stringContaining(path),
    ]);
  });

  it.each(['local', 'token-0123', ' x', 'x ', 'a/b', 'a\u0007b', '<b>'])('may not be named %j', async (name) => {
    expect(await faults({ tokens: [{ name, value: TOKEN }] })).toEqual([
      expect.stringContaining('server.tokens[0].name'),
    ]);
  });

  it('come from SIGNALBOX_TOKEN where the configuration has none', async () => {
    expect((await resolve({}, { SIGNALBOX_TOKEN: TOKEN })).tokens).toMatchObject([{ value: TOKEN }]);
    expect((await resolve({ tokens: [OTHER] }, { SIGNALBOX_TOKEN: TOKEN })).tokens).toMatchObject([{ value: OTHER }]);
    expect((await resolve({}, { SIGNALBOX_TOKEN: 'weak' })).warnings[0]).toContain('SIGNALBOX_TOKEN is shorter');
    expect((await faults({}, { SIGNALBOX_TOKEN: 'not a token' }))[0]).toContain('SIGNALBOX_TOKEN holds');
    expect((await resolve({})).tokens).toEqual([]);
  });

  it('know what may stand in them, and name the nearest', async () => {
    expect(await faultsOf({ server: { tokens: [{ name: 'ci', value: TOKEN, teem: 'blue' }] } })).toEqual([
      expect.stringContaining('server.tokens[0].teem: unknown key; did you mean "team"?'),
    ]);
  });

  it('have limits that are whole numbers', async () => {
    const token = { name: 'ci', value: TOKEN };
    expect(await faultsOf({ server: { tokens: [{ ...token, concurrency: 0 }] } })).toHaveLength(1);
    expect(await faultsOf({ server: { tokens: [{ ...token, requestsPerMinute: 1.5 }] } })).toHaveLength(1);
  });
});

describe('origins', () => {
  it('are whole and exact', async () => {
    const allowedOrigins = ['https://app.example.com', 'http://localhost:3000'];
    expect((await resolve({ allowedOrigins })).allowedOrigins).toEqual(allowedOrigins);
  });

  it.each([
    '*',
    'null',
    'app.example.com',
    'https://app.example.com/',
    'https://app.example.com:443',
    'https://*.example.com/x',
    'file:///x',
  ])('are never %s', async (origin) => {
    expect(await faults({ allowedOrigins: [origin] })).toEqual([expect.stringContaining('server.allowedOrigins[0]')]);
  });
});

describe('hosts', () => {
  it('are taken as clients spell them', async () => {
    const allowedHosts = ['Gateway.example.com', 'other.example.com:8443', '2001:DB8:0::7', '[FD00::0:1]:80'];
    expect((await resolve({ allowedHosts })).allowedHosts).toEqual([
      'gateway.example.com',
      'other.example.com:8443',
      '[2001:db8::7]',
      '[fd00::1]:80',
    ]);
  });

  it.each([
    'https://gateway.example.com',
    'gateway.example.com/',
    'gateway.example.com/v1',
    'user@gateway.example.com',
    '*',
    '*.example.com',
    'gateway example.com',
    'gateway.example.com:x',
    '[::1',
  ])('are never %s', async (host) => {
    expect(await faults({ allowedHosts: [host] })).toEqual([expect.stringContaining('server.allowedHosts[0]: m')]);
    expect(await faults({ allowedHosts: [ref('HOST')] }, { HOST: host })).toEqual([
      expect.stringContaining('server.allowedHosts[0]: m'),
    ]);
  });

  it('are refused in their place, whatever stands before them', async () => {
    expect(await faults({ allowedHosts: [ref('MISSING'), ref('HOST')] }, { HOST: 'http://x' })).toEqual([
      expect.stringContaining('server.allowedHosts[0]: the variable MISSING is not set'),
      expect.stringContaining('server.allowedHosts[1]: m'),
    ]);
  });
});

describe('trusted proxies', () => {
  it('are addresses and networks', async () => {
    const trustedProxies = ['127.0.0.1', '10.0.0.0/8', '2001:db8::/32'];
    expect((await resolve({ trustedProxies })).trustedProxies).toEqual(trustedProxies);
    expect((await resolve({ trustedProxies: [ref('PROXY')] }, { PROXY: '::1' })).trustedProxies).toEqual(['::1']);
  });

  it.each(['*', 'nginx', '10.0.0.0/33', '10.0.0', '127.0.0.1:8080'])('are never %s', async (proxy) => {
    const reason = 'server.trustedProxies[0]: must be an IP address or a network';
    expect(await faults({ trustedProxies: [proxy] })).toEqual([expect.stringContaining(reason)]);
    expect(await faults({ trustedProxies: [ref('PROXY')] }, { PROXY: proxy })).toEqual([
      expect.stringContaining(reason),
    ]);
  });
});

it('what needs no reference resolved is judged with the rest of the file, at its place', async () => {
  const server = {
    tokens: [TOKEN, TOKEN, { name: 'local', value: ref('UNSET') }],
    allowedHosts: ['http://x', ref('UNSET')],
    allowedOrigins: ['*', 'file:origin.txt'],
    trustedProxies: ['nginx', ref('UNSET')],
  };
  expect((await faultsOf({ server })).map((line) => line.split(': ')[0])).toEqual([
    'mcp.config.json:1:46 server.tokens[1]',
    'mcp.config.json:1:78 server.tokens[2].name',
    'mcp.config.json:1:123 server.allowedHosts[0]',
    'mcp.config.json:1:164 server.allowedOrigins[0]',
    'mcp.config.json:1:205 server.trustedProxies[0]',
  ]);
});

it('bounds have defaults, and bounds of their own', async () => {
  expect(await resolve({})).toMatchObject({ bodyBytesMax: 33_554_432, connectionsMax: 2_000, stalledReaderMs: 60_000 });
  const bounds = [{ bodyBytesMax: 0 }, { connectionsMax: 0 }, { requestsMax: -1 }, { stalledReaderMs: 1 }];
  for (const bound of [...bounds, { shutdownDelayMs: -1 }]) {
    expect(await faultsOf({ server: bound })).toHaveLength(1);
  }
});

it('what happens to parameters a model lacks is "reject", or "drop" when that is said', async () => {
  expect((await load({})).unsupportedParameters).toBe('reject');
  expect((await load({ routing: { unsupportedParameters: 'drop' } })).unsupportedParameters).toBe('drop');
  expect((await faultsOf({ routing: { unsupportedParameters: 'dorp' } }))[0]).toContain('did you mean "drop"');
});
