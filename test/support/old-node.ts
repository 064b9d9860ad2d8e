import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A Node below 22.15 on the PATH, outside this repository's own. */
export function findOldNode(): string | undefined {
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    const candidate = join(directory, 'node');
    if (directory.includes('node_modules') || !existsSync(candidate)) continue;
    const [major = 0, minor = 0] = execFileSync(candidate, ['-p', 'process.versions.node'], { encoding: 'utf8' })
      .split('.')
      .map(Number);
    if (major < 22 || (major === 22 && minor < 15)) return candidate;
  }
  return undefined;
}
