import { setTimeout as delay } from 'node:timers/promises';

/** For work on files to come to its end. */
const FILE_WORK_MS_MAX = 500;

/**
 * Ends the process with this code, or with `process.exitCode`. `process.exit` waits for what works on files beside the
 * event loop, where a disk no longer answers without end: the process then kills itself, which no code can tell.
 */
export async function endProcess(code?: number): Promise<void> {
  const giveUpAtMs = performance.now() + FILE_WORK_MS_MAX;
  while (worksOnFiles()) {
    if (performance.now() > giveUpAtMs) {
      process.stderr.write('signalbox: a disk does not answer; this process kills itself, as it would not end.\n');
      process.kill(process.pid, 'SIGKILL');
    }
    await delay(10);
  }
  process.exit(code);
}

function worksOnFiles(): boolean {
  return process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'));
}
