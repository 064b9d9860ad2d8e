import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startClock } from './given-time.ts';

it('a clock is not turned back by many that wait for one', async () => {
  const crowd = Array.from({ length: 3 * availableParallelism() }, () =>
    spawn(process.execPath, ['-e', "process.stdout.write('busy'); for (;;);"]),
  );
  try {
    await Promise.all(crowd.map(({ stdout }) => once(stdout, 'data')));
    const elapsedMs = startClock();
    await delay(300);
    expect(elapsedMs()).toBeGreaterThanOrEqual(0);
  } finally {
    for (const child of crowd) child.kill('SIGKILL');
  }
});
