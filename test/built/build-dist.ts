import { execFileSync } from 'node:child_process';
import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const SOURCES = ['{bin,docs,scripts,src}/**', '*.{json,md}', 'LICENSE'];

/** Vitest runs this once before the tests of the built package. */
export function setup(): void {
  const builtAtMs = statSync(join(root, 'dist/package.json'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const changedAtMs = Math.max(...globSync(SOURCES, { cwd: root }).map((file) => statSync(join(root, file)).mtimeMs));
  if (changedAtMs >= builtAtMs) execFileSync('npm', ['run', 'build', '--silent'], { cwd: root, stdio: 'inherit' });
}
