import type { ErrorCode } from '../../core/error-codes.ts';
import { GatewayError, toGatewayError } from '../../core/errors.ts';
import { renderFailure } from '../../mcp/rendering/failure.ts';
import { note, oneLine, printable, printJson } from './terminal.ts';

/** 0 done, 1 failed, 2 wrong usage or configuration; 130 and 143 as shells say it of Ctrl+C and SIGTERM. */
export type ExitCode = 0 | 1 | 2 | 130 | 143;

/** The caller's own mistakes, as long as no provider was asked. */
const USAGE_CODES: readonly ErrorCode[] = [
  'invalid_request',
  'unknown_model',
  'unknown_provider',
  'too_large',
  'not_found',
  'config_invalid',
];

/** Hints speak to models, which call tools; a person runs commands. */
const COMMANDS_BY_TOOL = {
  list_models: 'signalbox models',
  provider_status: 'signalbox status',
  cost_report: 'signalbox costs',
  route_preview: 'signalbox route',
} as const;

/** A mistake on the command line, as the error everything else uses too. */
export function usageError(message: string, hint?: string): GatewayError {
  return new GatewayError('invalid_request', message, hint === undefined ? {} : { hint });
}

/**
 * Tells the person on standard error what is wrong and what to do, without a stack, and with
 * `--json` the program on standard output too. Returns the exit code.
 */
export function reportFailure(thrown: unknown, { json }: { readonly json: boolean }): ExitCode {
  const error = missingPackage(thrown) ?? toGatewayError(thrown);
  const { structured } = renderFailure(error);
  const advice = error.code === 'invalid_request' ? 'Correct it, and run the command again.' : structured.hint;
  const hint = toCommands(error.hint ?? advice);
  if (json) printJson({ error: { ...structured, hint } });
  note(`signalbox: ${printable(error.message).split('\n').join('\n  ')}`);
  if (error.code === 'internal' && error.cause !== undefined) note(`  ${placeOf(error.cause)}`);
  if (hint !== '') note(`  ${oneLine(hint)}`);
  // An attempt whose bytes never left has no row in the log.
  const isBooked = error.attempts.some(({ status }) => status !== 'not_sent');
  if (isBooked && error.requestId !== undefined) note(`  "signalbox log ${error.requestId}" shows its attempts.`);
  return exitCodeOf(error);
}

/** A clone before `npm ci`, or an installation that something was deleted from: nothing to report. */
function missingPackage(thrown: unknown): GatewayError | undefined {
  if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_MODULE_NOT_FOUND')) return undefined;
  const name = /^Cannot find package '([^']+)'/.exec(thrown.message)?.[1];
  if (name === undefined) return undefined;
  return new GatewayError('internal', `The package ${name} is missing: this Signalbox is not installed completely.`, {
    hint: 'In a clone, run "npm ci" in its folder; otherwise install Signalbox anew.',
  });
}

function exitCodeOf({ code, attempts, cause }: GatewayError): ExitCode {
  if (code === 'cancelled') return cause === 'SIGTERM' ? 143 : 130;
  return USAGE_CODES.includes(code) && attempts.length === 0 ? 2 : 1;
}

function toCommands(hint: string): string {
  return hint
    .replace(/\b(?:Call )?(list_models|provider_status|cost_report|route_preview)\b/g, (whole, tool: string) => {
      const command = `"${COMMANDS_BY_TOOL[tool as keyof typeof COMMANDS_BY_TOOL]}"`;
      return whole.startsWith('Call ') ? `Run ${command}` : command;
    })
    .replaceAll('`', '"');
}

/** For a report of a defect: its kind and its first place. The message may quote a prompt or a key. */
function placeOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'No details are known.';
  const place = /^\s+at .*?([^\\/()]+:\d+):\d+\)?$/m.exec(cause.stack ?? '')?.[1];
  const article = /^[AEIOU]/.test(cause.name) ? 'an' : 'a';
  return `It was ${article} ${cause.name}${place === undefined ? '' : ` at ${place}`}; please report it.`;
}
