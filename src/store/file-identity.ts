import { statSync } from 'node:fs';

/** Which file stands at a path: another one there has another identity. */
export type FileIdentity = { readonly device: bigint; readonly inode: bigint; readonly bytes: bigint };

/** Undefined when nothing is there. Opens nothing: closing a second handle would drop SQLite's locks. */
export function identityOf(path: string): FileIdentity | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats && { device: stats.dev, inode: stats.ino, bytes: stats.size };
}

/** Is it still the same file, whatever was written to it since? */
export function isSameFile(left: FileIdentity, right: FileIdentity | undefined): boolean {
  return left.inode === right?.inode && left.device === right.device;
}
