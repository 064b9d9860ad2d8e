import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expandHome } from '../../config/folders.ts';
import type { GlobalOptions } from '../session.ts';

/** A command that starts Signalbox, whoever runs it and wherever. */
export type Launch = { readonly command: string; readonly args: readonly string[] };

/** Where npx, pnpm dlx and bunx unpack what they run once. */
const PASSING_FOLDERS = /[\\/](_npx|dlx|bunx-[^\\/]+)[\\/]/;

/**
 * How this very installation is started: by absolute paths, since clients run with folders and a PATH of
 * their own. One in the cache of npx may be gone tomorrow, and is fetched again by its name.
 */
export function findLaunch(launcher = findLauncher(), platform = process.platform): Launch {
  if (!isLasting(launcher)) return fetched(platform);
  return { command: process.execPath, args: [launcher] };
}

/** Is it installed at a place that stays? */
export function isLasting(launcher: string | undefined): launcher is string {
  return launcher !== undefined && !PASSING_FOLDERS.test(launcher);
}

/** On Windows npx is a script of the shell, which a client that starts programs does not find. */
function fetched(platform: NodeJS.Platform): Launch {
  const args = ['-y', 'signalbox'];
  return platform === 'win32' ? { command: 'cmd', args: ['/c', 'npx', ...args] } : { command: 'npx', args };
}

/** `bin/signalbox.cjs` above this file, which lies in `src/cli/clients` or, bundled, in `chunks`. */
export function findLauncher(): string | undefined {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const file = join(folder, 'bin', 'signalbox.cjs');
    if (existsSync(file)) return file;
    if (folder === dirname(folder)) return undefined;
  }
}

/** The launch with the configuration and data folder it should use, by absolute paths too. */
export function withOptions(launch: Launch, options: GlobalOptions, homeDir: string): Launch {
  const { config, dataDir } = options;
  const absolute = (path: string) => resolve(expandHome(path, homeDir));
  return {
    command: launch.command,
    args: [
      ...launch.args,
      ...(config === undefined ? [] : ['--config', absolute(config)]),
      ...(dataDir === undefined ? [] : ['--data-dir', absolute(dataDir)]),
    ],
  };
}
