import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './temporary-folder.ts';

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

/** A file or folder in the place of another, until the test ends; false where this may not be done. */
export function mountOver(source: string, path: string): boolean {
  try {
    execFileSync('mount', ['--bind', source, path], { stdio: 'ignore' });
    onTestFinished(() => unmount(path));
    return true;
  } catch {
    return false;
  }
}

/**
 * A file system whose files name another device than their folders, as a container or a live system may have it; false
 * where this may not be done.
 */
export function mountLayers(folder: string): boolean {
  const [disk, lower] = [temporaryFolder(), temporaryFolder()];
  if (!mountSmallDisk(disk)) return false;
  const layers = { lowerdir: lower, upperdir: join(disk, 'upper'), workdir: join(disk, 'work') };
  for (const path of [layers.upperdir, layers.workdir]) mkdirSync(path);
  const options = Object.entries({ ...layers, xino: 'off' }).map((option) => option.join('='));
  try {
    execFileSync('mount', ['-t', 'overlay', '-o', options.join(','), 'overlay', folder], { stdio: 'ignore' });
    onTestFinished(() => unmount(folder));
    return true;
  } catch {
    return false;
  }
}

/** Takes away what was mounted there last, whoever has files of it open. */
export function unmount(path: string): void {
  spawnSync('umount', ['-l', path], { stdio: 'ignore' });
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
