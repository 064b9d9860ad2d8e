import { describe, expect, it } from 'vitest';
import { proxyFor, readProxies } from '../../../src/core/network/proxies.ts';

const BOTH = { HTTP_PROXY: 'http://plain:1', HTTPS_PROXY: 'http://secure:2' };

function wayTo(origin: string, env: Record<string, string>): string | undefined {
  return proxyFor(readProxies(env), origin)?.variable;
}

describe('the variable', () => {
  it.each([
    ['https://a.example', BOTH, 'HTTPS_PROXY'],
    ['http://a.example', BOTH, 'HTTP_PROXY'],
    ['https://a.example', { HTTP_PROXY: 'http://plain:1' }, undefined],
    ['https://a.example', { ...BOTH, https_proxy: 'http://lower:3' }, 'https_proxy'],
    ['https://a.example', { ...BOTH, https_proxy: ' ' }, 'HTTPS_PROXY'],
    ['https://a.example', {}, undefined],
  ])('for %s of %o is %s', (origin, env, variable) => {
    expect(wayTo(origin, env)).toBe(variable);
  });

  it.each([
    ['proxy:8080', { protocol: 'http:', hostname: 'proxy', port: 8080 }],
    ['http://proxy', { protocol: 'http:', hostname: 'proxy', port: 80 }],
    ['HTTPS://proxy/', { protocol: 'https:', hostname: 'proxy', port: 443 }],
    ['http://[::1]:3128', { protocol: 'http:', hostname: '::1', port: 3128 }],
    ['http://me:a%40b%25@proxy:1', { credentials: { user: 'me', password: 'a@b%' }, hostname: 'proxy' }],
    ['me:100%@proxy:1', { credentials: { user: 'me', password: '100%' }, hostname: 'proxy' }],
    ['http://me@proxy:1', { credentials: { user: 'me', password: '' } }],
  ])('%s is understood', (value, proxy) => {
    expect(readProxies({ HTTPS_PROXY: value }).https).toMatchObject(proxy);
  });

  it.each([
    ['socks5://proxy:1080', /^names a SOCKS proxy/],
    ['SOCKS5H://proxy:1080', /^names a SOCKS proxy/],
    ['ftp://proxy', /^is no address/],
    ['http://', /^is no address/],
    ['http://proxy:port', /^is no address/],
    ['http://proxy:8080/proxy.pac', /^is no address/],
    // What stands before the "#" would be taken for host and port.
    ['http://user:12#secret@proxy:8080', /^is no address/],
    ['http://user:12/secret@proxy:8080', /^is no address/],
    ['http://user:12?secret@proxy:8080', /^is no address/],
  ])('%s is refused, and not repeated', (value, fault) => {
    const proxy = readProxies({ HTTPS_PROXY: value }).https;
    expect(proxy).toEqual({ variable: 'HTTPS_PROXY', fault: expect.stringMatching(fault) });
    expect(JSON.stringify(proxy)).not.toMatch(/secret|1080|pac/);
  });
});

describe('no proxy leads', () => {
  it.each(['localhost:11434', '127.0.0.1', '[::1]:1', '0.0.0.0', 'ollama.localhost', '169.254.1.1', '[fe80::1]'])(
    'to %s, which is this machine or its link',
    (host) => {
      expect([wayTo(`http://${host}`, BOTH), wayTo(`https://${host}`, BOTH)]).toEqual([undefined, undefined]);
    },
  );

  it.each([
    ['*', 'https://a.example'],
    ['other.example,*', 'https://a.example'],
    ['a.example', 'https://a.example'],
    ['A.Example', 'https://a.example'],
    ['example', 'https://a.example'],
    ['.example', 'https://a.example'],
    ['*.example', 'https://a.example'],
    ['b.example a.example', 'https://a.example'],
    ['b.example, a.example', 'https://a.example'],
    ['a.example.', 'https://a.example'],
    ['a.example', 'https://a.example.'],
    ['a.example:443', 'https://a.example'],
    ['a.example:8443', 'https://a.example:8443'],
    ['10.1.2.3', 'http://10.1.2.3:11434'],
    ['10.0.0.0/8', 'http://10.1.2.3:11434'],
    ['10.1.2.3:11434', 'http://10.1.2.3:11434'],
    ['fd00::/8', 'http://[fd00::7]:1'],
    ['fd00::7', 'http://[fd00::7]:1'],
    ['[fd00::7]:1', 'http://[fd00::7]:1'],
  ])('where NO_PROXY is %s to %s', (spared, origin) => {
    expect(wayTo(origin, { ...BOTH, NO_PROXY: spared })).toBeUndefined();
    expect(wayTo(origin, { ...BOTH, no_proxy: spared, NO_PROXY: 'none.example' })).toBeUndefined();
  });

  it.each([
    ['', 'https://a.example'],
    ['b.example', 'https://a.example'],
    ['a.example', 'https://not-a.example'],
    ['a.example:80', 'https://a.example'],
    ['10.0.0.0/8', 'http://11.1.2.3'],
    ['10.0.0.0/99', 'http://10.1.2.3'],
    ['::', 'https://a.example'],
    ['.', 'https://a.example'],
  ])('but one does where it is "%s" to %s', (spared, origin) => {
    expect(wayTo(origin, { ...BOTH, NO_PROXY: spared })).toMatch(/^HTTPS?_PROXY$/);
  });
});
