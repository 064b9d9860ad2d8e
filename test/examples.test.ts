import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const folder = join(import.meta.dirname, '../examples');
const stories = readdirSync(folder).filter((name) => !name.startsWith('with-'));

it('has stories to tell', () => {
  expect(stories.length).toBeGreaterThan(0);
});

it.each(stories)('the example %s runs and checks itself', async (name) => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [join(folder, name)], { timeout: 60_000 });
  expect(stdout).not.toBe('');
  expect(stderr).toBe('');
});
