import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { postChat } from '../support/post-chat.ts';
import { startServe } from '../support/serve.ts';
import { startUpstream } from '../support/start-upstream.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const PRELOAD = pathToFileURL(join(import.meta.dirname, '../support/dead-disk.ts')).href;

/** A service whose disk stops answering; what its signals, a moment apart, end it with. */
async function ended(signals: number) {
  const pipe = join(temporaryFolder(), 'pipe');
  const env = { NODE_OPTIONS: `--import ${PRELOAD}`, DEAD_DISK_PIPE: pipe };
  const upstream = await startUpstream();
  const served = await startServe({ upstreams: [{ id: 'vendor', kind: 'openai', upstream }], env });
  // By it the service learns how slow its disk is.
  await postChat(served, 'warm-up');
  execFileSync('mkfifo', [pipe]);
  const asked = postChat(served, 'hello').catch(() => undefined);
  await until(() => served.stderr().includes('a sync hangs'));
  const exited = once(served.child, 'exit');
  for (let count = 0; count < signals; count += 1) {
    served.child.kill('SIGTERM');
    await until(() => served.stderr().includes('ending'));
  }
  const exit = await exited;
  await asked;
  return { exit, said: served.stderr() };
}

// Windows has no such pipes.
it.skipIf(process.platform === 'win32').each([
  ['once it gives up after a while', 1, 'the books cannot be closed'],
  ['again it ends at once', 2, 'a disk does not answer'],
])('a service whose disk no longer answers ends all the same, and says why: told %s', async (_told, signals, why) => {
  const { exit, said } = await ended(signals);
  expect(exit).toEqual([null, 'SIGKILL']);
  expect(said).toContain(why);
});
