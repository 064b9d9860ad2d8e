import type { ToolContext } from '../mcp/tools/tool.ts';
import type { Progress } from './output/progress.ts';

type AskPerson = NonNullable<ToolContext['onBudgetReached']>;

/** Asks on the terminal whether a budget may be passed; undefined where nobody sits. */
export function personAtTerminal(progress: Progress): AskPerson | undefined {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  return async ({ text }) => {
    progress.stop();
    const { confirm } = await import('@clack/prompts');
    return (await confirm({ message: text, initialValue: false, output: process.stderr })) === true;
  };
}
