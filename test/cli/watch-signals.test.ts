import { expect, it, onTestFinished } from 'vitest';
import { watchSignals } from '../../src/cli/serve/watch-signals.ts';

const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

it.each([
  ['win32', true],
  ['linux', false],
] as const)('on %s SIGHUP, which Windows sends for a closed window, tells to end: %s', async (platform, isEnd) => {
  const before = SIGNALS.map((name) => [name, process.listeners(name)] as const);
  onTestFinished(() => {
    for (const [name, known] of before) {
      for (const listener of process.listeners(name)) if (!known.includes(listener)) process.off(name, listener);
    }
  });
  const { first } = watchSignals(platform);
  process.emit('SIGHUP');
  const told = await Promise.race([first.then(() => true), new Promise((resolve) => setImmediate(resolve, false))]);
  expect(told).toBe(isEnd);
});
