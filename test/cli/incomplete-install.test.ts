import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';

const repository = join(import.meta.dirname, '../..');
const packages = join(repository, 'node_modules');

it.each([['with a command', ['costs']] as const, ['as MCP server', []] as const])(
  'a clone before npm ci says %s what is missing and what to do, as no defect',
  async (_, args) => {
    const { code, stderr } = await run(copyOfSources(), args);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^signalbox: The package \S+ is missing: .*\n {2}In a clone, run "npm ci" .*\n$/),
    ]);
  },
);

it('a binary of better-sqlite3 that is missing is not called a fault of the disk', async () => {
  const folder = copyOfSources();
  mkdirSync(join(folder, 'node_modules'));
  for (const name of readdirSync(packages).filter((entry) => entry !== 'better-sqlite3'))
    symlinkSync(join(packages, name), join(folder, 'node_modules', name));
  for (const part of ['lib', 'package.json'])
    cpSync(join(packages, 'better-sqlite3', part), join(folder, 'node_modules/better-sqlite3', part), {
      recursive: true,
    });
  const { code, stderr } = await run(folder, ['costs']);
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/^signalbox: The binary of better-sqlite3 for \S+ cannot be loaded .*\n {2}.*"npm ci".*\n$/m),
  ]);
});

function copyOfSources(): string {
  const folder = temporaryFolder();
  for (const part of ['bin', 'src', 'package.json'])
    cpSync(join(repository, part), join(folder, part), { recursive: true });
  return folder;
}

function run(folder: string, args: readonly string[]): Promise<{ code: unknown; stderr: string }> {
  const env = { PATH: process.env.PATH, HOME: folder, USERPROFILE: folder, OLLAMA_HOST: '127.0.0.1:9' };
  const launcher = join(folder, 'bin/signalbox.cjs');
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [launcher, ...args], { cwd: folder, env }, (error, _, stderr) => {
      resolve({ code: error?.code ?? 0, stderr });
    });
    child.stdin?.end();
  });
}
