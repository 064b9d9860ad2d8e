import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Told } from './evidence.ts';
import type { ReportedSums, WorkCall, WorkerCommand } from './work.ts';

export type WorkerOptions = {
  readonly configPath: string;
  readonly clockOffsetMs: number;
  /** Of the process; limits name their own. */
  readonly timeZone: string;
};

/** A Signalbox in a process of its own, from its start to its end. */
export type WorkerProcess = {
  /** Resolves when the books are open; rejects when it ends before. */
  readonly ready: Promise<void>;
  /** Resolves with its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  /** What its callers were told so far. */
  readonly told: readonly Told[];
  /** Everything it was asked to do, done or not. */
  readonly calls: readonly WorkCall[];
  /** Calls that have not ended. */
  openCalls(): number;
  call(work: WorkCall): void;
  shiftClock(offsetMs: number): void;
  reports(): Promise<readonly ReportedSums[]>;
  /** Waits for its calls and closes it. */
  stop(): Promise<void>;
  kill(): void;
};

const WORKER = join(import.meta.dirname, 'worker.ts');

export function startWorker({ configPath, clockOffsetMs, timeZone }: WorkerOptions): WorkerProcess {
  const child = spawn(process.execPath, [WORKER, configPath], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, TZ: timeZone, SIGNALBOX_TEST_CLOCK_OFFSET_MS: String(clockOffsetMs) },
  });
  const told: Told[] = [];
  const calls: WorkCall[] = [];
  const waiting = new Map<string, (line: string) => void>();
  const output = createInterface({ input: child.stdout });
  output.on('line', (line) => {
    const [word = ''] = line.split(' ', 1);
    const json = line.slice(word.length + 1);
    if (word === 'told') told.push(JSON.parse(json) as Told);
    waiting.get(word)?.(json);
  });
  // `close` and not `exit`: everything it said has arrived.
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.on('close', (code, signal) => resolve(signal ?? code));
  });
  // Whoever was killed takes no more commands.
  child.stdin.on('error', () => undefined);
  const says = (word: string) =>
    new Promise<string>((resolve, reject) => {
      waiting.set(word, resolve);
      ended.then((code) => reject(new Error(`a worker ended with ${code} before it was ${word}`)));
    });
  const tell = (command: WorkerCommand) => void child.stdin.write(`${JSON.stringify(command)}\n`);
  const ready = says('ready').then(() => undefined);
  // Those that are killed while they start are waited for by nobody.
  ready.catch(() => undefined);
  return {
    ready,
    ended,
    told,
    calls,
    openCalls: () => calls.length - told.length,
    call(work) {
      calls.push(work);
      tell({ type: 'call', call: work });
    },
    shiftClock: (offsetMs) => tell({ type: 'clock', offsetMs }),
    async reports() {
      const said = says('report');
      tell({ type: 'report' });
      return JSON.parse(await said) as readonly ReportedSums[];
    },
    async stop() {
      tell({ type: 'stop' });
      const code = await ended;
      if (code !== 0) throw new Error(`a worker that was to stop ended with ${code}`);
    },
    kill: () => void child.kill('SIGKILL'),
  };
}
