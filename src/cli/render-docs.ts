import type { Command } from 'commander';
import { createProgram } from './program.ts';

/** `docs/cli.md`, from the definitions the parser itself uses. */
export function renderCliReference(): string {
  const program = createProgram();
  return `# Command line

Generated from \`src/cli\` by \`npm run docs\`.

\`signalbox\` alone is the MCP server on standard input and output: what clients start. The other commands are for people
and scripts. Results go to standard output; warnings, progress and errors go to standard error. With \`--json\`, standard
output is always JSON, an \`error\` object when the command failed.

Options of every command, before or after it:

${optionTable(program)}

| Exit code | Means |
| --- | --- |
| 0 | done |
| 1 | failed |
| 2 | wrong usage or configuration |
| 130, 143 | cancelled with Ctrl+C, with SIGTERM; what a provider had already used is booked |

${program.commands.map(commandSection).join('\n\n')}
`;
}

function commandSection(command: Command): string {
  const usage = `signalbox ${command.name()} ${command.usage()}`;
  const description = command.description();
  const args = command.registeredArguments.map((argument) => `\`${argument.name()}\`: ${argument.description}.`);
  return [
    `## ${command.name()}`,
    `\`${usage}\``,
    `${description.charAt(0).toUpperCase()}${description.slice(1)}.`,
    ...args,
    ...(command.options.length > 0 ? [optionTable(command)] : []),
  ].join('\n\n');
}

function optionTable(command: Command): string {
  const rows = command.options.map(({ flags, description, argChoices, defaultValue, negate }) => {
    const choices = argChoices === undefined ? '' : `: ${argChoices.map((choice) => `\`${choice}\``).join(', ')}`;
    const standard = defaultValue === undefined || negate ? '' : ` (${defaultValue} by default)`;
    return `| \`${flags}\` | ${description}${choices}${standard} |`;
  });
  return ['| Option | Does |', '| --- | --- |', ...rows].join('\n');
}
