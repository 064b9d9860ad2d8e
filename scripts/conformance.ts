/**
 * The MCP conformance suite against our production transport, with the suite's own fixtures behind it
 * (test/conformance). Run by `npm run conformance`. Prints a table; fails below the numbers expected.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SUITE = '@modelcontextprotocol/conformance@0.2.0-alpha.12';
/** Scenarios a revision requires of a server. */
const REQUIRED: Readonly<Record<string, number>> = { '2026-07-28': 37, '2025-11-25': 30 };
/** Extensions we do not have, and do not claim to have. */
const NOT_OURS = 'extension';
/** What `npm run` tells its children of the repository; where the registry is stays. */
const OF_THIS_FOLDER = /^npm_(config_(local_prefix|ignore_scripts|allow_scripts)|package_.*|lifecycle_.*)$/i;
const INSTALL_MS = 300_000;
const RUN_MS = 180_000;

type Scenario = { readonly name: string; readonly passed: number; readonly failed: number; readonly unscored?: string };

const folder = mkdtempSync(join(tmpdir(), 'signalbox-conformance-'));
try {
  process.exitCode = await main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function main(): Promise<number> {
  const { failed } = await suite(['--version'], INSTALL_MS);
  if (failed) {
    say('Conformance: skipped, the registry did not bring the suite.');
    return 0;
  }
  const profile = spawn(process.execPath, [join(import.meta.dirname, '../test/conformance/profile-server.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const url = await firstLine(profile);
    let isShort = false;
    for (const [revision, required] of Object.entries(REQUIRED)) {
      const { output } = await suite(['server', '--url', url, '--requirements', revision], RUN_MS);
      isShort = !report(revision, required, readScenarios(output)) || isShort;
    }
    return isShort ? 1 : 0;
  } finally {
    profile.kill('SIGKILL');
  }
}

/** Outside the repository, whose .npmrc forbids the install script that brings node@22. */
function suite(args: readonly string[], timeout: number): Promise<{ failed: boolean; output: string }> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !OF_THIS_FOLDER.test(name)));
  const npx = ['--loglevel=error', '-y', '-p', 'node@22', '-p', SUITE, '--', 'conformance', ...args];
  const { promise, resolve } = Promise.withResolvers<{ failed: boolean; output: string }>();
  const options = { cwd: folder, env, timeout, maxBuffer: 64 * 1_048_576 };
  execFile('npx', npx, options, (error, stdout) => resolve({ failed: error !== null, output: stdout }));
  return promise;
}

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  const [chunk]: Buffer[] = await once(stdout ?? process.stdin, 'data', { signal: AbortSignal.timeout(20_000) });
  return String(chunk).trim();
}

/** From the suite's summary: `✓ ping: 2 passed, 0 failed`, and below it what does not count, with the reason. */
function readScenarios(output: string): readonly Scenario[] {
  const unscored = new Map<string, string>();
  for (const [, name = '', reason = ''] of output.matchAll(/^ +[✓✗] (\S+) \(([\w-]+)\)$/gmu))
    unscored.set(name, reason);
  return [...output.matchAll(/^[✓✗] (\S+): (\d+) passed, (\d+) failed/gmu)].map(([, name = '', passed, failed]) => {
    const reason = unscored.get(name);
    return { name, passed: Number(passed), failed: Number(failed), ...(reason !== undefined && { unscored: reason }) };
  });
}

function report(revision: string, required: number, scenarios: readonly Scenario[]): boolean {
  const scored = scenarios.filter(({ unscored }) => unscored === undefined);
  const good = scored.filter(({ failed }) => failed === 0);
  const others = scenarios.filter(({ unscored }) => unscored !== undefined && unscored !== NOT_OURS);
  const goodOthers = others.filter(({ failed }) => failed === 0);
  const width = Math.max(...scenarios.map(({ name }) => name.length), 0);
  say(
    `\nConformance with ${revision}: ${good.length}/${required} required, ${goodOthers.length}/${others.length} others`,
  );
  for (const { name, passed, failed, unscored } of scenarios) {
    if (unscored === NOT_OURS) continue;
    const mark = failed === 0 ? 'ok  ' : 'FAIL';
    say(`  ${mark} ${name.padEnd(width)} ${passed} passed, ${failed} failed${unscored ? ` (${unscored})` : ''}`);
  }
  return good.length >= required && good.length === scored.length && goodOthers.length === others.length;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
