import { expect } from 'vitest';
import type { ToolName } from '../../src/core/tool-names.ts';
import { runTool, type ToolResult } from '../../src/mcp/run-tool.ts';
import type { ToolContext } from '../../src/mcp/tools/tool.ts';
import { type Asked, createScriptedGateway } from '../support/scripted-gateway.ts';

/** Noon, UTC, on the last day of November 2026. */
export const NOW_MS = Date.UTC(2026, 10, 30, 12);

export type ScriptedRun = ToolResult & { readonly asked: readonly Asked[] };

/** One tool call on a scripted gateway, as any edge makes it. */
export async function runScripted(
  name: ToolName,
  args: unknown,
  more: Partial<ToolContext> = {},
): Promise<ScriptedRun> {
  const { gateway, asked } = createScriptedGateway();
  const context: ToolContext = {
    gateway,
    caller: { tenant: 'local', client: 'unit-test' },
    signal: new AbortController().signal,
    nowMs: () => NOW_MS,
    ...more,
  };
  return { ...(await runTool(name, args, context)), asked };
}

/** A refusal names its field, is no defect, and asks nobody. */
export async function refusalOf(tool: ToolName, args: unknown) {
  const { isError, structured, text, asked } = await runScripted(tool, args);
  expect(isError).toBe(true);
  expect(asked).toEqual([]);
  expect(text).toContain('Retry: no');
  const error = structured.error as { code: string; message: string; retryable: boolean; attempts: unknown[] };
  expect(error).toMatchObject({ retryable: false, attempts: [] });
  return error;
}
