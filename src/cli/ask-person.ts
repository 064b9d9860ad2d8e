import type { ToolContext } from '../mcp/tools/tool.ts';
import type { Progress } from './output/progress.ts';

type AskPerson = NonNullable<ToolContext['onBudgetReached']>;

/** Asks on the terminal whether a budget may be passed; undefined where nobody sits. */
export function personAtTerminal(progress: Progress): AskPerson | undefined {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  return async ({ model, reason }) => {
    progress.stop();
    const { confirm } = await import('@clack/prompts');
    const message = `A spending limit is reached. ${model}: ${reason}. Allow this one request all the same?`;
    return (await confirm({ message, initialValue: false, output: process.stderr })) === true;
  };
}
