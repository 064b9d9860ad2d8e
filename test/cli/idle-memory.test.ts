import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { expect, it, onTestFinished } from 'vitest';
import { TOKEN } from '../support/serve.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { launcher } from './run-signalbox.ts';

/** Of V8, which says in the same moment what it decided. */
const LOOKS_SOON = ['--trace-memory-reducer', '--gc-memory-reducer-start-delay-ms=1000'];

it('keeps its memory and its compiled code when it has nothing to do', async () => {
  const child = serve(LOOKS_SOON);
  const first = String(await once(child.stdout, 'data'));
  child.kill('SIGTERM');
  const told = first + (await child.stdout.toArray()).join('');
  expect(told).toMatch(/Memory reducer: (?:high|low) alloc/);
  expect(told).not.toMatch(/waiting for|started GC/);
});

it('does not collect the whole heap again as soon as a little more is in use, when it had nothing to do', async () => {
  const collects = ['--expose-gc', '--import=data:text/javascript,setInterval(gc,200).unref()', '--trace-gc-verbose'];
  const child = serve([...LOOKS_SOON, ...collects]);
  const factors: number[] = [];
  let hasRested = false;
  for await (const line of createInterface({ input: child.stdout })) {
    hasRested ||= line.includes('Memory reducer: ');
    const factor = /\[HeapController\] factor ([\d.]+)/.exec(line)?.[1];
    if (hasRested && factor !== undefined) factors.push(Number(factor));
    if (factors.length === 2) break;
  }
  expect(Math.min(...factors)).toBeGreaterThanOrEqual(2);
});

function serve(flags: readonly string[]): ChildProcessByStdio<null, Readable, null> {
  const folder = temporaryFolder();
  const child = spawn(process.execPath, [...flags, launcher, 'serve', '--port', '0'], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, USERPROFILE: folder, SIGNALBOX_TOKEN: TOKEN },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}
