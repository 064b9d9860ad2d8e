import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { TOKEN } from '../support/serve.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { launcher } from './run-signalbox.ts';

it('keeps its memory and its compiled code when it has nothing to do', async () => {
  const folder = temporaryFolder();
  const looksSoon = ['--trace-memory-reducer', '--gc-memory-reducer-start-delay-ms=1000'];
  const child = spawn(process.execPath, [...looksSoon, launcher, 'serve', '--port', '0'], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, USERPROFILE: folder, SIGNALBOX_TOKEN: TOKEN },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  // Here V8 says that it looks whether to give memory back, and in the same moment when it will.
  const first = String(await once(child.stdout, 'data'));
  child.kill('SIGTERM');
  const told = first + (await child.stdout.toArray()).join('');
  expect(told).toMatch(/Memory reducer: (?:high|low) alloc/);
  expect(told).not.toMatch(/waiting for|started GC/);
});
