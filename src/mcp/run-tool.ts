import { GatewayError, toDefectFields, toGatewayError } from '../core/errors.ts';
import { nearestName } from '../core/wording/nearest-name.ts';
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
    if (error.requestId !== undefined) return failedTool(error);
    // A defect within a request is in the log already.
    if (error.code === 'internal') context.logger?.error({ tool: name, ...toDefectFields(error) }, 'tool defect');
    return failedTool(context.nameRefusal?.(error) ?? error);
  }
}

/** A call that ended with this error. */
export function failedTool(error: GatewayError): ToolResult {
  const { structured, text } = renderFailure(error);
  return { structured: { error: structured }, text, isError: true };
}

function findTool(name: string) {
  const tool = TOOLS.find((candidate) => candidate.name === name);
  if (tool !== undefined) return tool;
  const names = TOOLS.map((candidate) => candidate.name);
  const near = nearestName(name, names);
  const hint = near === undefined ? `Tools are ${names.join(', ')}.` : `Did you mean "${near}"?`;
  throw new GatewayError('not_found', `There is no tool ${JSON.stringify(name.slice(0, 60))}.`, { hint });
}
