import { GatewayError, toGatewayError } from '../core/errors.ts';
import { nearestName } from '../core/nearest-name.ts';
import { renderFailure } from './rendering/failure.ts';
import { TOOLS } from './tools/all.ts';
import type { ToolContext, ToolOutput } from './tools/tool.ts';

export type ToolResult = ToolOutput & { readonly isError: boolean };

/**
 * Runs a tool for whoever asks. Never throws: what a caller can mend is a result with `isError`,
 * whose text alone says what went wrong, whether to retry and what to do instead.
 */
export async function runTool(name: string, rawArguments: unknown, context: ToolContext): Promise<ToolResult> {
  try {
    const output = await findTool(name).run(rawArguments ?? {}, context);
    return { ...output, isError: false };
  } catch (thrown) {
    const error = toGatewayError(thrown);
    if (error.code === 'internal') reportDefect(name, error, context);
    const { structured, text } = renderFailure(error);
    return { structured: { error: structured }, text, isError: true };
  }
}

function findTool(name: string) {
  const tool = TOOLS.find((candidate) => candidate.name === name);
  if (tool !== undefined) return tool;
  const names = TOOLS.map((candidate) => candidate.name);
  const near = nearestName(name, names);
  const hint = near === undefined ? `Tools are ${names.join(', ')}.` : `Did you mean "${near}"?`;
  throw new GatewayError('not_found', `There is no tool ${JSON.stringify(name.slice(0, 60))}.`, { hint });
}

/** Only the stack's places are logged: an unknown error's message may quote the prompt or a key. */
function reportDefect(tool: string, error: GatewayError, { logger }: ToolContext): void {
  const cause = error.cause instanceof Error ? error.cause : error;
  const places = (cause.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  logger?.error({ tool, errorName: cause.name, stack: places.slice(0, 12).map((line) => line.trim()) }, 'tool defect');
}
