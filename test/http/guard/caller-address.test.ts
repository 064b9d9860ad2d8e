import { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { createAddressReader } from '../../../src/http/guard/caller-address.ts';

/** Of a request that came from `peer` with this header. */
function addressOf(peer: string, forwarded: string | undefined, trusted: readonly string[]): string {
  const socket = Object.defineProperty(new Socket(), 'remoteAddress', { value: peer });
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  return createAddressReader(trusted)({ headers, socket });
}

const LOOPBACK = ['127.0.0.1', '::1'];

it.each([
  ['without the header', '127.0.0.1', undefined, LOOPBACK, '127.0.0.1'],
  ['with none that are trusted', '127.0.0.1', '192.0.2.1', [], '127.0.0.1'],
  ['from another than the proxy', '192.0.2.9', '192.0.2.1', LOOPBACK, '192.0.2.9'],
  ['through one', '127.0.0.1', '192.0.2.1', LOOPBACK, '192.0.2.1'],
  ['through one, on a socket of both families', '::ffff:127.0.0.1', '192.0.2.1', LOOPBACK, '192.0.2.1'],
  ['through one that kept what the caller said', '127.0.0.1', '203.0.113.5, 192.0.2.1', LOOPBACK, '192.0.2.1'],
  ['through two', '127.0.0.1', '192.0.2.1, 10.1.2.3', [...LOOPBACK, '10.0.0.0/8'], '192.0.2.1'],
  ['through two, one of them a stranger', '127.0.0.1', '192.0.2.1,10.1.2.3', LOOPBACK, '10.1.2.3'],
  ['from the proxies themselves', '127.0.0.1', '10.9.9.9, 10.1.2.3', [...LOOPBACK, '10.0.0.0/8'], '10.9.9.9'],
  ['with a port', '127.0.0.1', '192.0.2.1:51234', LOOPBACK, '192.0.2.1'],
  ['of IPv6', '::1', '2001:db8::7', LOOPBACK, '2001:db8::7'],
  ['of IPv6 with a port', '::1', '[2001:db8::7]:51234', LOOPBACK, '2001:db8::7'],
  ['that names nobody', '127.0.0.1', 'unknown', LOOPBACK, '127.0.0.1'],
  ['that is empty', '127.0.0.1', ', ', LOOPBACK, '127.0.0.1'],
])('the address of a request %s', (_what, peer, forwarded, trusted, expected) => {
  expect(addressOf(peer, forwarded, trusted)).toBe(expected);
});
