import { renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { type FileIdentity, identityOf, isSameFile, knownIdentityOf } from './file-identity.ts';
import { createPrivateFile, withOpenLock } from './open-lock.ts';

const COMPANIONS = ['-wal', '-shm'] as const;

/** `move-aside` keeps what cannot be used under another name; `delete` is for files that can be rebuilt. */
export type DamagePolicy = 'move-aside' | 'delete';

/**
 * Takes a damaged database out of the way and puts an empty one in its place. Of several processes
 * that find the damage one does it; for the others, and when the file is gone, nothing is left to
 * do. Returns where the damaged file is now.
 */
export async function setAside(path: string, damaged: FileIdentity, policy: DamagePolicy): Promise<string | undefined> {
  return withOpenLock(dirname(path), () => {
    if (!isSameFile(damaged, identityOf(path))) return undefined;
    const target = `${path}.corrupt-${timestamp()}`;
    for (const suffix of ['', ...COMPANIONS]) remove(path + suffix, target + suffix, policy);
    createPrivateFile(path);
    return policy === 'move-aside' ? target : undefined;
  });
}

/**
 * Creates the database's empty file when there is none, and takes away a write-ahead log of another database, which
 * must not be mixed into the one at the path: of one that was deleted or, `formerLog`, of one whose place another file
 * has taken (on the same disk: what was mounted anew has its own log). Returns where that log is now.
 */
export async function createWhenMissing(
  path: string,
  policy: DamagePolicy,
  formerLog: FileIdentity | undefined,
): Promise<string | undefined> {
  const isReady = () => knownIdentityOf(path) && !(formerLog && isSameFile(formerLog, identityOf(`${path}-wal`)));
  if (isReady()) return undefined;
  return withOpenLock(dirname(path), () => {
    if (isReady()) return undefined;
    const target = `${path}.orphaned-${timestamp()}`;
    const orphaned = COMPANIONS.filter((suffix) => remove(path + suffix, target + suffix, policy));
    createPrivateFile(path);
    return orphaned.length > 0 && policy === 'move-aside' ? target : undefined;
  });
}

function remove(path: string, target: string, policy: DamagePolicy): boolean {
  if (!identityOf(path)) return false;
  if (policy === 'move-aside') renameSync(path, target);
  else rmSync(path);
  return true;
}

function timestamp(): string {
  return new Date().toISOString().replaceAll(':', '-');
}
