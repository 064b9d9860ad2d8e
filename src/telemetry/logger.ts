import { type Level, pino, stdSerializers, stdTimeFunctions } from 'pino';
import type { Logger } from '../core/ports.ts';
import { createSecretMask } from '../core/secret-mask.ts';
import { toHumanLine } from './human-line.ts';

export type LogLevel = Extract<Level, 'debug' | 'info' | 'warn' | 'error'>;

export type LoggerOptions = {
  /** Clients show their servers' stderr, so stdio servers keep to `warn`. */
  readonly level: LogLevel;
  /** Values that must never be written; see `createSecretMask`. */
  readonly secrets: Iterable<string>;
};

/** A log whose level and secrets change with the configuration. */
export interface ServiceLogger extends Logger {
  configure(options: LoggerOptions): void;
  /** Would a line of this level be written? For what is costly to put together. */
  isLevelEnabled(level: LogLevel): boolean;
}

/** Lines waiting for a reader of stderr that does not read; beyond it, they are dropped. */
const PENDING_BYTES_MAX = 1_048_576;

/**
 * The log: to stderr one JSON object a line, or a line for people when it is a terminal. Writing
 * never blocks, never throws and never delays the end of the process. An `error` field may hold an
 * `Error`; its causes are written, and its stack where it is a defect.
 */
export function createLogger({ level, secrets }: LoggerOptions): ServiceLogger {
  let mask = createSecretMask(secrets);
  const logger = pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: toLoggedError },
      messageKey: 'message',
    },
    // Not `pino.destination(2)`: its write waits in the thread pool while nobody reads the pipe,
    // and a process with such a write cannot exit.
    { write: (line) => writeToStderr(mask(line)) },
  );
  return Object.assign(logger, {
    configure(changed: LoggerOptions) {
      mask = createSecretMask(changed.secrets);
      logger.level = changed.level;
    },
  });
}

/** What the system or the disk refuses explains itself; only a defect's places help anyone. */
const SELF_EXPLAINING = /^(storage_unavailable|E[A-Z]+|SQLITE_(?!ERROR).*)$/;

function toLoggedError(error: Error): object {
  const { stack, ...rest } = stdSerializers.err(error);
  return SELF_EXPLAINING.test(String(rest.code)) ? rest : { ...rest, stack };
}

let listening = false;

function writeToStderr(line: string): void {
  const { stderr } = process;
  if (!listening) {
    listening = true;
    // A closed pipe or a full disk loses log lines, nothing else.
    stderr.on('error', () => undefined);
  }
  if (stderr.writableLength > PENDING_BYTES_MAX) return;
  stderr.write(stderr.isTTY ? toHumanLine(line) : line);
}
