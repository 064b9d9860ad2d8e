import { serveStdio } from '@modelcontextprotocol/server/stdio';
import type { AlertBoard } from '../../core/alerts.ts';
import { closeInTurn } from '../../core/close-in-turn.ts';
import { endProcess } from '../end-process.ts';
import { createSignalboxServer, type SignalboxServerOptions } from '../server.ts';
import { claimStdout } from './claim-stdout.ts';
import { StdioTransport } from './stdio-transport.ts';

export type StdioServerOptions = Omit<SignalboxServerOptions, 'trackCall' | 'alerts'> & {
  /** Absent: without the resource of alerts. */
  readonly alerts?: AlertBoard;
  /** Closes the books. Awaited, but not for longer than the server has left to live. */
  readonly onClose: () => Promise<void>;
};

export type EndReason = 'end of input' | 'broken output' | 'parent gone' | 'signal';

/** A request that came just before the end of input may still be answered. */
const GRACE_MS = 250;
/** For aborted calls to book what they burnt. */
const SETTLE_MS = 800;
/** From the end to the exit, whatever hangs. */
const EXIT_MS = 1_500;
const PARENT_CHECK_MS = 500;
/** The SDK passes on what a client of the newer era listens to; of the older, it is ours to ask. */
const UPDATES = { modern: 'always', legacy: 'subscribed' } as const;

/**
 * Serves MCP on standard input and output, both eras, until the client is gone; then aborts what
 * runs, waits for the books and exits the process with 0, within two seconds.
 */
export function startStdioServer(options: StdioServerOptions): void {
  const { onClose, alerts: board, ...serverOptions } = options;
  const calls = new Set<Promise<unknown>>();
  const trackCall = (call: Promise<unknown>) => {
    calls.add(call);
    const forget = () => calls.delete(call);
    call.then(forget, forget);
  };
  let ending = false;
  const end = (reason: EndReason) => {
    if (ending) return;
    ending = true;
    setTimeout(endProcess, EXIT_MS, 0).unref();
    options.logger?.debug({ reason }, 'stdio server ends');
    shutDown(reason)
      .catch((error: unknown) => options.logger?.error({ reason: String(error) }, 'the books did not close'))
      .finally(() => endProcess(0));
  };
  const shutDown = async (reason: EndReason) => {
    if (reason === 'end of input') await transport.whenIdle(GRACE_MS);
    await closeInTurn([
      [() => server.close()],
      [() => within(SETTLE_MS, Promise.allSettled(calls))],
      [() => within(GRACE_MS, new Promise((resolve) => output.end(resolve)))],
      [onClose],
    ]);
  };

  const output = claimStdout();
  const transport = new StdioTransport({
    input: process.stdin,
    output,
    onEnd: () => end('end of input'),
    onIgnored: (reason) => options.logger?.debug({ reason }, 'ignored a line of input'),
  });
  output.on('error', () => end('broken output'));
  watchParent(() => end('parent gone'));
  // More than one comes when a wrapper passes on what its whole group was sent; the books close all the same.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => end('signal'));
  const createServer = (era: keyof typeof UPDATES) => {
    const alerts = board && { board, updates: UPDATES[era] };
    return createSignalboxServer({ ...serverOptions, ...(alerts && { alerts }), trackCall });
  };
  const server = serveStdio(({ era }) => createServer(era), {
    transport,
    onerror: (error) => options.logger?.debug({ reason: error.message.slice(0, 200) }, 'protocol error'),
  });
  if (process.stdin.isTTY) process.stderr.write(greeting(options.version));
}

/** A parent that was killed leaves its end of our input open to others; being adopted is the sign. */
function watchParent(onGone: () => void): void {
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || onGone(), PARENT_CHECK_MS).unref();
}

async function within(waitMsMax: number, work: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, waitMsMax);
  await Promise.race([work, promise]).finally(() => clearTimeout(timer));
}

function greeting(version: string): string {
  return (
    `signalbox ${version}: an MCP server, waiting for a client's messages on standard input.\n` +
    'Clients start it themselves: "signalbox doctor" shows how to add it to one. Ctrl+C ends it.\n'
  );
}
