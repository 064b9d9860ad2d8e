import { basename, dirname, resolve } from 'node:path';
import { watch } from 'chokidar';

/** Editors write in several steps, and some by a new file that takes the old one's place. */
const QUIET_MS = 200;
/** Kubernetes swaps this link when a mounted configuration changes, while the file itself stays the same link. */
const MOUNT_LINK = '..data';

export type ConfigWatch = { close(): Promise<void> };

/**
 * Calls `onChange` when the file was written, replaced, deleted or made anew, once it has been quiet for
 * 200 ms. The folder is watched, since a file that is replaced is another one. Resolves when changes are
 * seen. `onFault`: no watching is possible (the system has no watchers left).
 */
export async function watchConfig(
  path: string,
  { onChange, onFault }: { readonly onChange: () => void; readonly onFault: (error: unknown) => void },
): Promise<ConfigWatch> {
  const file = resolve(path);
  const folder = dirname(file);
  let timer: NodeJS.Timeout | undefined;
  const watcher = watch(folder, {
    ignored: (seen) => resolve(seen) !== folder && resolve(seen) !== file,
    ignoreInitial: true,
    depth: 0,
    atomic: false,
    usePolling: false,
  });
  const onEvent = (name: string) => {
    if (name !== basename(file) && name !== MOUNT_LINK) return;
    clearTimeout(timer);
    timer = setTimeout(onChange, QUIET_MS);
  };
  watcher.on('all', (_event, seen) => onEvent(basename(seen)));
  // A link that is swapped is no event of its own to chokidar, only to the system.
  watcher.on('raw', (_event, seen) => onEvent(basename(seen)));
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
      clearTimeout(timer);
      await watcher.close();
    },
  };
}
