import { lstatSync, realpathSync, statSync } from 'node:fs';

/** Which file stands at a path: another one there has another identity. */
export type FileIdentity = { readonly device: bigint; readonly inode: bigint };

/**
 * Undefined when nothing is there, or nothing that can be reached. Opens nothing: closing a second
 * handle would drop SQLite's locks.
 */
export function identityOf(path: string): FileIdentity | undefined {
  try {
    return knownIdentityOf(path);
  } catch {
    return undefined;
  }
}

/** Undefined when nothing is there; throws what the system says where that cannot be known. */
export function knownIdentityOf(path: string): FileIdentity | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats && { device: stats.dev, inode: stats.ino };
}

/** Is it still the same file, whatever was written to it since? */
export function isSameFile(left: FileIdentity, right: FileIdentity | undefined): boolean {
  return left.inode === right?.inode && left.device === right.device;
}

/** Where the file itself is when a link stands at the path: SQLite keeps its log beside that, and so must we look there. */
export function pathBehindLink(path: string): string {
  try {
    return lstatSync(path).isSymbolicLink() ? realpathSync(path) : path;
  } catch {
    return path;
  }
}
