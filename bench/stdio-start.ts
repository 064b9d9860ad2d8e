import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

export type StartSample = {
  /** From the start of the process to the answer to `tools/list`. */
  readonly toolsListMs: number;
  /** Resident memory, idle for a second after that. */
  readonly idleMegabytes: number;
};

const IDLE_MS = 1000;

/** Starts a server on stdio, opens the connection as a client does, asks for the tools, and lets it idle. */
export async function sampleStart(file: string, env: NodeJS.ProcessEnv): Promise<StartSample> {
  const startedAtMs = performance.now();
  const child = spawn(process.execPath, [file], { stdio: ['pipe', 'pipe', 'ignore'], env });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (id: number): Promise<void> => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error(`${file} ended before it answered.`);
      const message = JSON.parse(value) as { id?: number; error?: unknown };
      if (message.error) throw new Error(`${file} answered with an error: ${value}`);
      if (message.id === id) return;
    }
  };
  const send = (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);

  const clientInfo = { name: 'bench', version: '1.0.0' };
  send({ id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo } });
  await answer(1);
  send({ method: 'notifications/initialized' });
  send({ id: 2, method: 'tools/list' });
  await answer(2);
  const toolsListMs = performance.now() - startedAtMs;

  await delay(IDLE_MS);
  const idleMegabytes = residentMegabytes(child);
  child.stdin.end();
  await once(child, 'exit');
  return { toolsListMs, idleMegabytes };
}

function residentMegabytes(child: ChildProcess): number {
  const kibibytes = execFileSync('ps', ['-o', 'rss=', '-p', String(child.pid)], { encoding: 'utf8' });
  return (Number(kibibytes) * 1024) / 1e6;
}
