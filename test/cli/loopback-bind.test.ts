import { expect, it } from 'vitest';
import { isLoopbackBind } from '../../src/cli/serve/load-serve-config.ts';

it.each(['localhost', '::1', '127.0.0.1', '127.8.8.8', '::ffff:127.0.0.1'])(
  '%s is reached from this machine only',
  (host) => {
    expect(isLoopbackBind(host)).toBe(true);
  },
);

it.each(['0.0.0.0', '::', '192.168.0.1', '127.0.0.1.example.com', 'localhost.example.com', '::ffff:10.0.0.1'])(
  '%s may be reached from elsewhere',
  (host) => {
    expect(isLoopbackBind(host)).toBe(false);
  },
);
