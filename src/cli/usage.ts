import type { Command, CommanderError } from 'commander';
import type { GatewayError } from '../core/errors.ts';
import { nearestName } from '../core/wording/nearest-name.ts';
import { usageError } from './output/failure.ts';

/** Throws one sentence with the nearest command. */
export function refuseUnknownCommand(name: string, program: Command): never {
  const names = program.commands.map((command) => command.name());
  const near = nearestName(name, names);
  throw usageError(
    `There is no command ${JSON.stringify(name.slice(0, 60))}${near === undefined ? '.' : `; did you mean "${near}"?`}`,
    `Commands are ${names.join(', ')}; without one, Signalbox is an MCP server on stdio.`,
  );
}

/** `help nonsense` would print all help as an error. */
export function checkHelpTopic([command, topic]: readonly string[], program: Command): void {
  if (command !== 'help' || topic === undefined || topic.startsWith('-')) return;
  if (!program.commands.some((known) => known.name() === topic)) refuseUnknownCommand(topic, program);
}

/** The parser's complaint as our error: one sentence, then what to do. */
export function toUsageError(error: CommanderError, program: Command): GatewayError {
  const [first = '', suggestion = ''] = error.message.replace(/^error: /, '').split('\n');
  const near = /^\(Did you mean (?:one of )?(.*)\?\)$/.exec(suggestion.trim())?.[1];
  const [named] = program.args;
  const command = program.commands.map((known) => known.name()).find((name) => name === named);
  // Its options are unknown because it is.
  if (command === undefined && named !== undefined && !named.startsWith('-')) refuseUnknownCommand(named, program);
  if (error.code === 'commander.excessArguments' && (command === 'ask' || command === 'route')) {
    return usageError(
      'The prompt is more than one argument.',
      `Put it in quotes: signalbox ${command} "your question".`,
    );
  }
  const sentence = `${first.charAt(0).toUpperCase()}${first.slice(1).replace(/\.$/, '')}`;
  return usageError(
    near === undefined ? `${sentence}.` : `${sentence}; did you mean ${near}?`,
    `"signalbox ${command === undefined ? '' : `${command} `}--help" shows what there is.`,
  );
}
