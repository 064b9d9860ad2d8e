import { expect, it } from 'vitest';
import { FailedAttempts } from '../../../src/http/guard/failed-attempts.ts';

it('a million addresses need no more memory than a few thousand', async () => {
  const attempts = new FailedAttempts();
  const addresses = (count: number) =>
    Array.from({ length: count }, (_, index) => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`);
  for (const address of addresses(20_000)) await attempts.count(address);
  const before = process.memoryUsage().heapUsed;
  for (const address of addresses(200_000)) {
    await attempts.count(address);
    attempts.remember('tenant', address);
  }
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(30_000_000);
  expect(attempts.isKnown('tenant', '10.0.0.1')).toBe(true);
  expect(attempts.isKnown('other', '10.0.0.1')).toBe(false);
});

it('the whole network of an IPv6 address waits, and no other', async () => {
  const attempts = new FailedAttempts();
  for (let count = 0; count < 20; count += 1) await attempts.count(`2001:db8:1:2:${count}::1`);
  await expect(attempts.refuseFlooder('2001:db8:1:2:ffff::9')).rejects.toMatchObject({ code: 'rate_limited' });
  await expect(attempts.refuseFlooder('2001:db8:1:3::1')).resolves.toBeUndefined();
});
