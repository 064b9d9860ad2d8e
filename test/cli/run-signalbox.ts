import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished } from 'vitest';
import { OPENAI_WIRE } from '../../src/demo/vendors/openai.ts';
import type { ScriptedAnswer } from '../../src/demo/vendors/scripted.ts';
import { CANARY, createWorkplace, MODEL } from '../e2e/workplace.ts';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

export const launcher = join(import.meta.dirname, '../../bin/signalbox.cjs');

export type RunOptions = {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
  readonly cwd?: string;
};

export type Ran = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Starts the real program. Nothing of this machine's keys, settings or home reaches it. */
export function startSignalbox(args: readonly string[], { env = {}, cwd }: RunOptions = {}): Child {
  const folder = cwd ?? temporaryFolder();
  const child = spawn(process.execPath, [launcher, ...args], {
    cwd: folder,
    // No Ollama of this machine either.
    env: { PATH: process.env.PATH, HOME: folder, USERPROFILE: folder, OLLAMA_HOST: '127.0.0.1:9', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => {});
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

/** Runs the real program to its end, and makes sure that it shows no secret and no stack. */
export async function signalbox(args: readonly string[], more: RunOptions = {}): Promise<Ran> {
  return finish(startSignalbox(args, more), more.input);
}

export async function finish(child: Child, input?: string | Uint8Array): Promise<Ran> {
  child.stdin.end(input);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  expect(stdout + stderr).not.toContain(CANARY);
  expect(stderr).not.toMatch(/^\s+at .*:\d+:\d+/m);
  return { code: child.exitCode, stdout, stderr };
}

export type Workplace = {
  readonly upstream: FakeUpstream;
  readonly options: readonly string[];
  readonly folder: string;
  readonly run: (args: readonly string[], more?: RunOptions) => Promise<Ran>;
  /** Runs with `--json` and parses what is printed. */
  readonly json: (args: readonly string[], more?: RunOptions) => Promise<Record<string, unknown>>;
};

export const REF = `vendor/${MODEL}`;

type VendorOptions = {
  readonly answer?: ScriptedAnswer;
  readonly keys?: readonly string[];
  /** What it serves, and lists. */
  readonly models?: readonly string[];
};

/** One simulated provider behind every tier, and the program configured for it. */
export async function openWorkplace(
  more: object = {},
  { answer, keys, models = [MODEL] }: VendorOptions = {},
): Promise<Workplace> {
  const upstream = await startFakeUpstream(OPENAI_WIRE, {
    models,
    ...(answer && { otherwise: answer }),
    ...(keys && { keys }),
  });
  const place = createWorkplace([{ id: 'vendor', kind: 'openai', upstream }], more);
  onTestFinished(async () => {
    await upstream.close();
    place.remove();
  });
  const options = ['--config', place.configPath];
  const run = (args: readonly string[], more?: RunOptions) =>
    signalbox([...args, ...options], { cwd: place.folder, ...more });
  return {
    upstream,
    options,
    folder: place.folder,
    run,
    json: async (args, more) => JSON.parse((await run([...args, '--json'], more)).stdout),
  };
}
