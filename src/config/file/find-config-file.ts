import { readFile, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { GatewayError } from '../../core/errors.ts';
import { expandHome, filled, type Surroundings, userConfigDir } from '../folders.ts';
import { readFault } from './references.ts';

export type ConfigFile = {
  readonly path: string;
  /** Short, for messages: relative when it lies in the working folder. */
  readonly name: string;
  readonly text: string;
};

const CONFIG_FILE_NAME = 'mcp.config.json';
const FILE_BYTES_MAX = 1_048_576;

/**
 * `--config`, then `SIGNALBOX_CONFIG`, then `./mcp.config.json`, then the user's folder. One that is
 * named must be there; undefined when none is named and none is found.
 */
export async function findConfigFile(
  surroundings: Surroundings,
  option: string | undefined,
): Promise<ConfigFile | undefined> {
  const { cwd, env, homeDir } = surroundings;
  const named = filled(option) ?? filled(env.SIGNALBOX_CONFIG);
  if (named !== undefined) return await readConfig(resolve(cwd, expandHome(named, homeDir)), surroundings);
  for (const folder of [cwd, userConfigDir(surroundings)]) {
    const path = folder && join(folder, CONFIG_FILE_NAME);
    if (path && (await isThere(path))) return await readConfig(path, surroundings);
  }
  return undefined;
}

async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    (error) => readFault(error) !== 'does not exist',
  );
}

async function readConfig(path: string, { cwd }: Surroundings): Promise<ConfigFile> {
  const inside = relative(cwd, path);
  const name = inside === '' || inside.startsWith('..') || isAbsolute(inside) ? path : inside;
  const refuse = (what: string, cause?: unknown) =>
    new GatewayError('config_invalid', `The configuration ${name} ${what}.`, {
      hint: 'Check --config and SIGNALBOX_CONFIG; `signalbox init` writes a configuration.',
      ...(cause !== undefined && { cause }),
    });
  let bytes: Buffer;
  try {
    const status = await stat(path);
    // A device or a pipe may never end.
    if (!status.isFile() && !status.isDirectory()) throw refuse('is not a regular file');
    if (status.size > FILE_BYTES_MAX) throw refuse('is larger than 1 MB, so it is none');
    bytes = await readFile(path);
  } catch (error) {
    throw error instanceof GatewayError ? error : refuse(readFault(error), error);
  }
  try {
    // Also takes a byte order mark off.
    return { path, name, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch (cause) {
    throw refuse('is not UTF-8 text', cause);
  }
}
