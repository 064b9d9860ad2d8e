import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { onTestFinished } from 'vitest';

/** A disk of two megabytes in the place of a folder, until the test ends; false where this may not be done. */
export function mountSmallDisk(folder: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder], { stdio: 'ignore' });
    onTestFinished(() => void execFileSync('umount', ['-l', folder]));
    return true;
  } catch {
    return false;
  }
}

/** One file in the place of another, as containers are given theirs, until the test ends; false where this may not be done. */
export function mountFile(source: string, path: string): boolean {
  try {
    execFileSync('mount', ['--bind', source, path], { stdio: 'ignore' });
    onTestFinished(() => void execFileSync('umount', ['-l', path]));
    return true;
  } catch {
    return false;
  }
}

/** Writes a file until nothing more goes onto its disk. */
export function fillDisk(path: string): void {
  for (let kilobytes = 2_048; kilobytes > 0; ) {
    try {
      writeFileSync(path, Buffer.alloc(1_024 * Math.min(kilobytes, 16)), { flag: 'a' });
      kilobytes -= 16;
    } catch {
      return;
    }
  }
}
