import { homedir } from 'node:os';
import type { App } from '../app.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import { NOTHING_FOUND } from '../config/nothing-found.ts';
import { GatewayError } from '../core/errors.ts';
import { type Progress, startProgress } from './output/progress.ts';
import { note } from './output/terminal.ts';
import type { Interrupt } from './serve/watch-signals.ts';

/** Given before or after any command. */
export type GlobalOptions = { readonly config?: string | undefined; readonly dataDir?: string | undefined };

export type Session = {
  readonly app: App;
  readonly config: LoadedConfig;
  readonly signal: AbortSignal;
  readonly progress: Progress;
};

/** The configuration as every command finds it. */
export async function findConfig({ config, dataDir }: GlobalOptions): Promise<LoadedConfig> {
  const { loadConfig } = await import('../config/load-config.ts');
  return loadConfig({ configPath: config, dataDir, env: process.env, cwd: workingFolder(), homeDir: homedir() });
}

/** Where relative paths begin. Throws `config_invalid` when the folder was removed under this process' feet. */
export function workingFolder(): string {
  try {
    return process.cwd();
  } catch {
    throw new GatewayError('config_invalid', 'The folder that this was started in is there no more.', {
      hint: 'Start it in another one.',
    });
  }
}

/** A line each, on standard error. */
export function noteWarnings({ warnings }: Pick<LoadedConfig, 'warnings'>): void {
  for (const warning of warnings) note(`signalbox: ${warning}`);
}

export type Job = {
  /** What takes so long, when it does. */
  readonly label: string;
  /** Only what is booked is read: which providers can be used changes nothing. */
  readonly isOfBooks?: boolean;
};

/**
 * Opens Signalbox, runs the work, and closes it with everything booked. Ctrl+C and SIGTERM cancel
 * the work, which then fails as `cancelled`; a second one ends the process at once.
 */
export async function withApp(
  options: GlobalOptions,
  { label, isOfBooks = false }: Job,
  work: (session: Session) => Promise<void>,
): Promise<void> {
  const config = await findConfig(options);
  // That nothing was found is what the answer or the error says.
  const warnings = config.warnings.filter((warning) => warning !== NOTHING_FOUND);
  const isNoise = warnings.length > 1 && (isOfBooks || isUsable(config));
  if (!isNoise) noteWarnings({ warnings });
  const { createApp } = await import('../app.ts');
  const interrupts = watchInterrupts();
  const progress = startProgress(label);
  try {
    const app = await createApp(config);
    try {
      await work({ app, config, signal: interrupts.signal, progress });
      if (isNoise) note(`signalbox: ${warnings.length} warnings; "signalbox check" shows them.`);
    } finally {
      progress.stop();
      await app.close();
    }
  } catch (error) {
    if (!interrupts.signal.aborted) {
      if (isNoise && !isOfBooks) noteWarnings({ warnings });
      throw error;
    }
    throw new GatewayError('cancelled', 'Cancelled; what a provider had already used is booked.', {
      hint: '"signalbox log" shows it.',
      cause: interrupts.by() ?? error,
    });
  } finally {
    progress.stop();
    interrupts.stop();
  }
}

/** Four lines about other providers are noise beside an answer; with an error they may be its reason. */
function isUsable({ providers }: LoadedConfig): boolean {
  return providers.some(({ status }) => status === 'configured');
}

export type Interrupts = {
  readonly signal: AbortSignal;
  /** As the cause of an error it decides the exit code. */
  readonly by: () => Interrupt | undefined;
  readonly stop: () => void;
};

/** Aborts at the first Ctrl+C or SIGTERM. */
export function watchInterrupts(): Interrupts {
  const controller = new AbortController();
  let by: Interrupt | undefined;
  const abort = (name: Interrupt) => {
    by ??= name;
    controller.abort();
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const name of signals) process.once(name, abort);
  return {
    signal: controller.signal,
    by: () => by,
    stop: () => {
      for (const name of signals) process.removeListener(name, abort);
    },
  };
}
