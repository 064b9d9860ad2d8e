import { isAbsolute, join, resolve } from 'node:path';
import { GatewayError } from '../core/errors.ts';

/** What the process finds around itself; passed in, so that nothing here reads globals. */
export type Surroundings = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Undefined (or empty) where the user has none. */
  readonly homeDir: string | undefined;
  readonly platform: NodeJS.Platform;
};

const APP = 'signalbox';

/** `~` and `~/x` with the home folder in place; other text as it is. Throws when there is no home. */
export function expandHome(path: string, homeDir: string | undefined): string {
  if (path !== '~' && !/^~[/\\]/.test(path)) return path;
  if (!homeDir) {
    throw new GatewayError('config_invalid', `The path ${path} needs a home folder, but none is known (is HOME set?).`);
  }
  return join(homeDir, path.slice(1));
}

/**
 * The folder of books and cache: as given on the command line, else `SIGNALBOX_DATA_DIR`, else as
 * the configuration says (from `configDir`), else the platform's usual place.
 */
export function chooseDataDir(
  surroundings: Surroundings,
  asked: { readonly option?: string | undefined; readonly configured?: string | undefined; readonly configDir: string },
): string {
  const { cwd, env, homeDir } = surroundings;
  const fromOutside = filled(asked.option) ?? filled(env.SIGNALBOX_DATA_DIR);
  if (fromOutside !== undefined) return resolve(cwd, expandHome(fromOutside, homeDir));
  if (asked.configured !== undefined) return resolve(asked.configDir, expandHome(asked.configured, homeDir));
  const folder = usualDataDir(surroundings);
  if (folder !== undefined) return folder;
  throw new GatewayError(
    'config_invalid',
    'There is no home folder to keep the books in (HOME is not set); set SIGNALBOX_DATA_DIR or pass --data-dir.',
  );
}

function usualDataDir({ env, homeDir, platform }: Surroundings): string | undefined {
  if (platform === 'win32') return under(absolute(env.LOCALAPPDATA) ?? under(homeDir, 'AppData', 'Local'), APP);
  if (platform === 'darwin') return under(homeDir, 'Library', 'Application Support', APP);
  return under(absolute(env.XDG_DATA_HOME) ?? under(homeDir, '.local', 'share'), APP);
}

/** The user's folder for the configuration; undefined without a home. */
export function userConfigDir({ env, homeDir, platform }: Surroundings): string | undefined {
  if (platform === 'win32') return under(absolute(env.APPDATA) ?? under(homeDir, 'AppData', 'Roaming'), APP);
  if (platform === 'darwin') return under(homeDir, 'Library', 'Application Support', APP);
  return under(absolute(env.XDG_CONFIG_HOME) ?? under(homeDir, '.config'), APP);
}

/** An environment variable that is set but empty counts as not set. */
export function filled(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text;
}

/** The XDG specification: a relative path in these variables is to be ignored. */
function absolute(path: string | undefined): string | undefined {
  return path !== undefined && (isAbsolute(path) || /^[A-Za-z]:[\\/]/.test(path)) ? path : undefined;
}

function under(folder: string | undefined, ...parts: readonly string[]): string | undefined {
  return folder ? join(folder, ...parts) : undefined;
}
