import { accessSync, chmodSync, constants, mkdirSync, statSync } from 'node:fs';
import { GatewayError } from '../core/errors.ts';
import { storageUnavailable } from './storage-fault.ts';

/** Makes sure the folder exists (only its owner may look inside) and can be written. */
export function ensureDataFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    if (isNoFolder(path)) {
      throw new GatewayError('storage_unavailable', `The data folder ${path} is not a folder.`, {
        hint: 'Remove or rename the file that stands there, or choose another folder with --data-dir or "dataDir".',
        cause: error,
      });
    }
    throw storageUnavailable(`The data folder ${path}`, error);
  }
}

function isNoFolder(path: string): boolean {
  try {
    return !statSync(path).isDirectory();
  } catch (error) {
    // A file further up the path.
    return error instanceof Error && 'code' in error && error.code === 'ENOTDIR';
  }
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
