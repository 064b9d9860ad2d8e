/** Loaded into a service under test: tells the process that started it what it holds, after a collection of garbage. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What a process holds. */
export type Holdings = {
  readonly heapBytes: number;
  readonly residentBytes: number;
  /** Sockets, timers and the like, as Node names them. */
  readonly resources: Readonly<Record<string, number>>;
};

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

process.on('message', () => {
  let rounds = 0;
  const collect = (): void => {
    collectGarbage();
    rounds += 1;
    if (rounds < 3) setTimeout(collect, 50);
    else process.send?.(holdings());
  };
  collect();
});
// The channel alone keeps no service running.
process.channel?.unref();

function holdings(): Holdings {
  const resources: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) resources[name] = (resources[name] ?? 0) + 1;
  const { heapUsed, rss } = process.memoryUsage();
  return { heapBytes: heapUsed, residentBytes: rss, resources };
}
