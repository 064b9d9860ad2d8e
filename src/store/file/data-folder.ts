import { accessSync, chmodSync, constants, existsSync, lstatSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { GatewayError } from '../../core/errors.ts';
import { identityOf } from './file-identity.ts';
import { storageUnavailable } from './storage-fault.ts';

/** Makes sure the folder exists (only its owner may look inside) and can be written. */
export function ensureDataFolder(path: string): void {
  try {
    makeFolder(path);
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw isNoFolder(path) ? noFolder(path, error) : storageUnavailable(`The data folder ${path}`, error);
  }
  // Who may run a file has all the rights that were asked for, and so has everybody on Windows.
  if (isNoFolder(path)) throw noFolder(path);
}

/** Level by level: Node's own recursion never ends below a folder that takes none, such as /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another process was faster.
    if (existsSync(path)) return;
    throw isLink(path) ? linkToNothing(path, error) : error;
  }
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

function linkToNothing(path: string, cause: unknown): GatewayError {
  return new GatewayError('storage_unavailable', `The data folder cannot be made: ${path} is a link to nothing.`, {
    hint: 'Make the folder it leads to, or mount its disk; or choose another folder with --data-dir or "dataDir".',
    cause,
  });
}

function noFolder(path: string, cause?: unknown): GatewayError {
  return new GatewayError('storage_unavailable', `The data folder ${path} is not a folder.`, {
    hint: 'Remove or rename the file that stands there, or choose another folder with --data-dir or "dataDir".',
    cause,
  });
}

function isNoFolder(path: string): boolean {
  try {
    return !statSync(path).isDirectory();
  } catch (error) {
    // A file further up the path.
    return error instanceof Error && 'code' in error && error.code === 'ENOTDIR';
  }
}

/**
 * Throws where a database is not there because its disk is not: a new one in the place of the mount would forget what
 * is booked and reserved, and hide it later. `formerDevice`: of its folder, when it was there.
 */
export function assertMounted(path: string, formerDevice: bigint | undefined): void {
  if (existsSync(path) || deviceAt(dirname(path)) === formerDevice) return;
  throw new GatewayError('storage_unavailable', `The disk that held ${path} is not mounted any more.`, {
    hint: 'Mount it again: a Signalbox that runs goes on by itself. To begin new books there, restart it.',
  });
}

/** The device of the folder, or of that where it would be made. A file may name another one than its folder, as on an overlay. */
export function deviceAt(folder: string): bigint | undefined {
  const parent = dirname(folder);
  return identityOf(folder)?.device ?? (parent === folder ? undefined : deviceAt(parent));
}

/** Throws when the file cannot be written; takes from group and others what a wide umask gave them. */
export function ensurePrivateFile(path: string): void {
  accessSync(path, constants.R_OK | constants.W_OK);
  const { mode } = statSync(path);
  if ((mode & 0o077) === 0) return;
  try {
    chmodSync(path, mode & 0o700);
  } catch {
    // Somebody else owns it and shares it with us.
  }
}
