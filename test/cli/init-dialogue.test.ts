import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { launcher, signalbox } from './run-signalbox.ts';

const FILE = 'mcp.config.json';

describe('signalbox init', () => {
  it('without a terminal says that it needs one', async () => {
    const cwd = temporaryFolder();
    const { code, stderr } = await signalbox(['init'], { cwd });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'signalbox: "signalbox init" asks questions and needs a terminal.\n  Use --yes to take what is found.\n',
    });
    expect(existsSync(join(cwd, FILE))).toBe(false);
  });

  // util-linux's `script` gives the program a terminal.
  describe.skipIf(!hasTerminalMaker())('on a terminal (skipped without the program "script")', () => {
    it('asks for providers and strategy, and writes what was chosen', async () => {
      const cwd = temporaryFolder();
      // The first provider is OpenAI, the second Anthropic; the second strategy is cost.
      const { screen } = await onTerminal(cwd, [' ', '\u001b[B', ' ', '\r', '\u001b[B', '\r']);
      expect(screen).toContain('Which providers do you have?');
      const { stdout } = await signalbox(['check', '--json'], { cwd });
      expect(JSON.parse(stdout)).toMatchObject({
        strategy: 'cost',
        providers: [{ id: 'openai' }, { id: 'anthropic' }],
      });
    });

    it('writes the address of a chosen Ollama that is not running as OLLAMA_HOST gives it', async () => {
      const cwd = temporaryFolder();
      await onTerminal(cwd, [...Array(4).fill('\u001b[B'), ' ', '\r', '\r']);
      const { stdout } = await signalbox(['check', '--json'], { cwd });
      expect(JSON.parse(stdout)).toMatchObject({ providers: [{ id: 'ollama', base_url: 'http://127.0.0.1:9' }] });
    });

    it('writes nothing when the person leaves', async () => {
      const cwd = temporaryFolder();
      const { code, screen } = await onTerminal(cwd, ['\u0003']);
      expect(code).toBe(130);
      expect(screen).toContain('Cancelled; nothing was written.');
      expect(existsSync(join(cwd, FILE))).toBe(false);
    });
  });
});

/** Types the keys one after the other, each when the screen has come to rest. */
async function onTerminal(cwd: string, keys: readonly string[]): Promise<{ code: number | null; screen: string }> {
  const line = `stty cols 100; exec '${process.execPath}' '${launcher}' init`;
  const env = { PATH: process.env.PATH, HOME: cwd, OLLAMA_HOST: '127.0.0.1:9', TERM: 'xterm' };
  const child = spawn('script', ['-qec', line, '/dev/null'], { cwd, env, stdio: ['pipe', 'pipe', 'inherit'] });
  let screen = '';
  child.stdout.on('data', (chunk: Buffer) => {
    screen += chunk.toString();
  });
  const ended = once(child, 'exit');
  await atRest(() => screen);
  for (const key of keys) {
    child.stdin.write(key);
    await atRest(() => screen);
  }
  const [code] = (await ended) as [number | null];
  return { code, screen };
}

/** Resolves when something stands on the screen and nothing has been added for a while. */
async function atRest(screen: () => string): Promise<void> {
  let before: string;
  do {
    before = screen();
    await delay(250);
  } while (before === '' || screen() !== before);
}

function hasTerminalMaker(): boolean {
  try {
    return execFileSync('script', ['--version'], { encoding: 'utf8' }).includes('util-linux');
  } catch {
    return false;
  }
}
