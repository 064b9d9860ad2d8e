import { type GatewayError, toDefectFields, toGatewayError } from '../core/errors.ts';
import type { ToolName } from '../core/tool-names.ts';
import { renderFailure } from './rendering/failure.ts';
import { TOOLS_BY_NAME } from './tools/all.ts';
import type { ToolContext, ToolOutput } from './tools/tool.ts';

export type ToolResult = ToolOutput & { readonly isError: boolean };

/**
 * Runs a tool for whoever asks. Never throws: what a caller can mend is a result with `isError`,
 * whose text alone says what went wrong, whether to retry and what to do instead.
 */
export async function runTool(name: ToolName, rawArguments: unknown, context: ToolContext): Promise<ToolResult> {
  try {
    const output = await TOOLS_BY_NAME[name].run(rawArguments ?? {}, context);
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
