import { describe, expect, it } from 'vitest';
import { isLoopbackHost, isLoopbackUrl } from '../../../src/core/network/loopback.ts';

describe('loopback', () => {
  it.each([
    'localhost',
    'LOCALHOST',
    'localhost.',
    'api.localhost',
    '127.0.0.1',
    '127.9.8.7',
    '0.0.0.0',
    '::1',
    '[::1]',
    '::',
    '[::ffff:7f00:1]',
    '::ffff:127.0.0.1',
  ])('%s is this machine', (host) => {
    expect(isLoopbackHost(host)).toBe(true);
  });

  it.each(['localhost.evil.com', '128.0.0.1', '10.0.0.1', '1270.0.0.1', 'example.com', '7f00:1', '2001:db8::1', ''])(
    '%s is not',
    (host) => {
      expect(isLoopbackHost(host)).toBe(false);
    },
  );

  it.each(['http://127.1:1/v1', 'http://[::ffff:127.0.0.1]/', 'http://0x7f000001', 'http://2130706433'])(
    'sees through the spelling %s',
    (url) => {
      expect(isLoopbackUrl(url)).toBe(true);
    },
  );

  it('is false for what is no URL', () => {
    expect(isLoopbackUrl('127.0.0.1')).toBe(false);
    expect(isLoopbackUrl('http://127.0.0.1.example.com')).toBe(false);
  });
});
