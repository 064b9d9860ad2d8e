import type { Command } from 'commander';
import { runToolCommand } from '../call-tool.ts';
import { addChatOptions, type ChatOptions, chatArguments } from '../chat-options.ts';
import { note, print, printable } from '../output/terminal.ts';

type Answer = { readonly text: string };

export function addAsk(program: Command): void {
  addChatOptions(
    program
      .command('ask')
      .description('ask one question; the answer goes to standard output, its facts to standard error'),
  ).action(async (prompt: string | undefined, _own: unknown, command: Command) => {
    const options = command.optsWithGlobals<ChatOptions>();
    await runToolCommand<Answer>(options, {
      tool: 'complete',
      arguments: await chatArguments(prompt, 'ask', options),
      label: 'choosing a model',
      show: (answer, text) => {
        print(process.stdout.isTTY ? printable(answer.text) : answer.text);
        // The tool's text is the answer and, after it, its facts in one line.
        note(text.slice(answer.text.length).trim());
      },
    });
  });
}
