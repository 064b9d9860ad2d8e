import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

export type StoreProcess = {
  readonly child: ChildProcess;
  /** What it has written to stdout so far. */
  readonly lines: readonly string[];
  /** Resolves when it has written a line that starts so. */
  said(start: string): Promise<string>;
  /** Resolves with its exit code, or its signal. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
};

/** Runs `test/support/store-<name>.ts` in a process of its own; killed after the test at the latest. */
export function startProcess(name: 'writer' | 'opener' | 'lock-holder' | 'spender', ...args: string[]): StoreProcess {
  const script = join(import.meta.dirname, `store-${name}.ts`);
  const child = spawn(process.execPath, [script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    for (const check of waiting) check();
  });
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    // `close` and not `exit`: all output has arrived.
    child.on('close', (code, signal) => resolve(signal ?? code));
  });
  function said(start: string): Promise<string> {
    return new Promise((resolve, reject) => {
      function check() {
        const line = lines.find((one) => one.startsWith(start));
        if (line === undefined) return;
        waiting.delete(check);
        resolve(line);
      }
      waiting.add(check);
      ended.then((code) => reject(new Error(`${name} ended (${code}) without saying ${start}`)));
      check();
    });
  }
  return { child, lines, said, ended };
}
