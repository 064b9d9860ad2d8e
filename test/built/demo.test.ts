import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

it('every SDK works bundled: the demo of the built package comes out as it must', () => {
  const launcher = join(import.meta.dirname, '../../dist/bin/signalbox.cjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, 'demo'], { encoding: 'utf8' });
  expect(status, stderr + stdout).toBe(0);
  for (const provider of ['ollama', 'groq', 'gemini', 'anthropic', 'openai']) expect(stdout).toContain(`${provider}/`);
  expect(stdout).toContain('simulated');
});
