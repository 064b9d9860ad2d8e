import type { ToolName } from '../core/tool-names.ts';
import type { ToolContext } from '../mcp/tools/tool.ts';
import { personAtTerminal } from './ask-person.ts';
import { printJson } from './output/terminal.ts';
import { type GlobalOptions, type Job, type Session, withApp } from './session.ts';

export type ToolCommandOptions = GlobalOptions & { readonly json?: boolean };

export type ToolCall<Output> = Job & {
  readonly tool: ToolName;
  /** As an MCP client would send them; undefined ones are left out. */
  readonly arguments: Readonly<Record<string, unknown>>;
  /** Reports are of all tenants, unless one is named. */
  readonly tenant?: string | undefined;
  /** Done with the books open, before the tool runs. */
  readonly before?: (session: Session) => Promise<void>;
  /** Shows the output to a person; `text` is the tool's own compact form. */
  readonly show: (output: Output, text: string) => void | Promise<void>;
};

/** Runs one tool as MCP clients run it, and prints what it reports: JSON for programs, else for people. */
export async function runToolCommand<Output>(options: ToolCommandOptions, call: ToolCall<Output>): Promise<void> {
  await withApp(options, call, async (session) => {
    await call.before?.(session);
    const { structured, text } = await callTool(session, call);
    session.progress.stop();
    if (options.json) printJson(structured);
    // The commands name the type of this tool's output schema.
    else await call.show(structured as Output, text);
  });
}

async function callTool(
  { app, signal, progress }: Session,
  { tool, arguments: rawArguments, tenant }: Pick<ToolCall<unknown>, 'tool' | 'arguments' | 'tenant'>,
): Promise<{ readonly structured: unknown; readonly text: string }> {
  const { TOOLS_BY_NAME } = await import('../mcp/tools/all.ts');
  const onBudgetReached = personAtTerminal(progress);
  const given = Object.entries(rawArguments).filter(([, value]) => value !== undefined);
  return TOOLS_BY_NAME[tool].run(Object.fromEntries(given), {
    gateway: app.gateway,
    caller: { tenant: tenant ?? 'local', client: 'cli' },
    books: tenant === undefined ? 'all' : 'own',
    signal,
    // Lists are for a terminal or a program here, not for a model's context.
    rowsMax: Number.POSITIVE_INFINITY,
    onProgress: (state) => progress.update(describe(state)),
    ...(onBudgetReached && { onBudgetReached }),
  });
}

type CallProgress = Parameters<NonNullable<ToolContext['onProgress']>>[0];

function describe({ phase, model, outputTokens }: CallProgress): string {
  switch (phase) {
    case 'waiting':
      return `waiting for ${model}`;
    case 'receiving':
      return `receiving from ${model}, ${outputTokens} tokens`;
    case 'retrying':
      return `trying again, now ${model}`;
  }
}
