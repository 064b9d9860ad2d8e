import { expect, it } from 'vitest';
import { fromConnectError } from '../../../../src/providers/shared/transport/network-error.ts';

it('a machine that has no port left is told as that, and not as a failure of the other side', () => {
  const error = Object.assign(new Error('connect EADDRNOTAVAIL 192.0.2.1:443'), { code: 'EADDRNOTAVAIL' });
  expect(fromConnectError(error, 'api.vendor.example', 'baseUrl').message).toBe(
    'cannot reach api.vendor.example: this machine has no free port, or no address of its own, to reach it from.',
  );
});
