import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, it, vi } from 'vitest';
import { FailedAttempts } from '../../../src/http/guard/failed-attempts.ts';

afterEach(() => vi.useRealTimers());

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

it('two hundred thousand addresses need no more memory than a few thousand', async () => {
  const attempts = new FailedAttempts();
  const fail = async (count: number) => {
    for (let index = 0; index < count; index += 1) {
      const address = `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
      await attempts.count(address);
      attempts.remember('tenant', address);
    }
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const before = await fail(20_000);
  expect((await fail(200_000)) - before).toBeLessThan(5_000_000);
  expect(attempts.isKnown('tenant', '10.0.0.1')).toBe(true);
  expect(attempts.isKnown('other', '10.0.0.1')).toBe(false);
});

it('who was right from an address is known there, and nowhere else', () => {
  const addresses = Array.from({ length: 20 }, (_, index) => `10.0.0.${index}`);
  for (const address of addresses) {
    const attempts = new FailedAttempts();
    attempts.remember('tenant', address);
    expect(addresses.filter((each) => attempts.isKnown('tenant', each))).toEqual([address]);
  }
});

it('too many from an address make it wait for the rest of a minute, and no longer', async () => {
  vi.useFakeTimers({ now: Date.parse('2026-03-28T12:00:30Z') });
  const attempts = new FailedAttempts();
  for (let count = 0; count < 20; count += 1) await attempts.count('192.0.2.7');
  await vi.advanceTimersByTimeAsync(15_000);
  await expect(attempts.refuseFlooder('192.0.2.7')).rejects.toMatchObject({ retryAfterMs: 45_000 });
  await vi.advanceTimersByTimeAsync(45_000);
  await expect(attempts.refuseFlooder('192.0.2.7')).resolves.toBeUndefined();
});

it('the whole network of an IPv6 address waits, and no other', async () => {
  const attempts = new FailedAttempts();
  for (let count = 0; count < 20; count += 1) await attempts.count(`2001:db8:1:2:${count}::1`);
  await expect(attempts.refuseFlooder('2001:db8:1:2:ffff::9')).rejects.toMatchObject({ code: 'rate_limited' });
  await expect(attempts.refuseFlooder('2001:db8:1:3::1')).resolves.toBeUndefined();
});

it.each([
  ['2001:db8::1', '2001:db8::2'],
  ['2001:db8::1', '2001:db8:0:0:a:b:c:d'],
  ['2001:db8::1', '2001:DB8::0a:b:c:d'],
  ['2001:db8:0:7::', '2001:db8:0:7:a:b:c:d'],
  ['2001::7:a:b:c:d', '2001:0:0:7:1::'],
  ['fe80::1%eth0', 'fe80::2%eth0'],
  ['192.0.2.7', '::ffff:192.0.2.7'],
])('%s and %s are one source, however they are written', async (address, other) => {
  const attempts = new FailedAttempts();
  for (let count = 0; count < 20; count += 1) await attempts.count(address);
  await expect(attempts.refuseFlooder(other)).rejects.toMatchObject({ code: 'rate_limited' });
  for (const stranger of ['2001:db8:7::1', '2001:db8:0:8::1', '2001::db8', '2001:db9::1', '192.0.2.8', '::1', '::', ''])
    await expect(attempts.refuseFlooder(stranger)).resolves.toBeUndefined();
});
