import { stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { watch } from 'chokidar';

/** Editors write in several steps, and some by a new file that takes the old one's place. */
const QUIET_MS = 200;
/** One that is written to again and again is never quiet: so long after the first change it is read all the same. */
const WAIT_MAX_MS = 2_000;
/** How often the file itself is looked at: a swapped link on the way to it, or a network drive, tells nobody of a change. */
const LOOK_EVERY_MS = 1_000;
/** Kubernetes swaps this link when a mounted configuration changes, while the file itself stays the same link. */
const MOUNT_LINK = '..data';

export type ConfigWatch = { close(): Promise<void> };

/**
 * Calls `onChange` when the file was written, replaced, deleted or made anew, once it has been quiet for
 * 200 ms, or has not been for two seconds. The folder is watched, since a file that is replaced is another one; and
 * once a second the file is looked at through all links. Resolves when changes are seen. `onFault`: the folder
 * cannot be watched (the system has no watchers left), so that changes are seen a second later.
 */
export async function watchConfig(
  path: string,
  { onChange, onFault }: { readonly onChange: () => void; readonly onFault: (error: unknown) => void },
): Promise<ConfigWatch> {
  const file = resolve(path);
  const folder = dirname(file);
  let timer: NodeJS.Timeout | undefined;
  let changedAtMs: number | undefined;
  let isClosed = false;
  let told = await stateOf(file);
  const watcher = watch(folder, {
    ignored: (seen) => resolve(seen) !== folder && resolve(seen) !== file,
    ignoreInitial: true,
    depth: 0,
    atomic: false,
  });
  const tell = async () => {
    changedAtMs = undefined;
    // Before it is read: what changes meanwhile is seen by the next look.
    told = await stateOf(file);
    if (!isClosed) onChange();
  };
  const wait = () => {
    clearTimeout(timer);
    changedAtMs ??= performance.now();
    const leftMs = Math.max(0, changedAtMs + WAIT_MAX_MS - performance.now());
    timer = setTimeout(tell, Math.min(QUIET_MS, leftMs));
  };
  let isLooking = false;
  const look = setInterval(async () => {
    // A drive that hangs gives no answer for minutes: a look each second would take all threads of the process.
    if (isLooking) return;
    isLooking = true;
    if ((await stateOf(file)) !== told && !isClosed) wait();
    isLooking = false;
  }, LOOK_EVERY_MS);
  look.unref();
  const onEvent = (name: string) => {
    if (name === basename(file) || name === MOUNT_LINK) wait();
  };
  watcher.on('all', (_event, seen) => onEvent(basename(seen)));
  // A link that is swapped is no event of its own to chokidar, only to the system, which may not say where it was.
  watcher.on('raw', (_event, seen: string | null) => onEvent(basename(seen ?? '')));
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  watcher.once('ready', begin);
  watcher.on('error', (error) => {
    begin();
    onFault(error);
  });
  await begun;
  return {
    async close() {
      // First: what still comes while it closes must not start the timer again.
      watcher.removeAllListeners();
      isClosed = true;
      clearInterval(look);
      clearTimeout(timer);
      await watcher.close();
    },
  };
}

/** Which file is there and how it was left, as text; the same for every one that cannot be had. */
async function stateOf(file: string): Promise<string> {
  return await stat(file, { bigint: true }).then(
    ({ dev, ino, size, mtimeNs, ctimeNs }) => [dev, ino, size, mtimeNs, ctimeNs].join(' '),
    () => '',
  );
}
