import type * as z from 'zod';
import type { GatewayError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json/json.ts';
import type { Logger } from '../../core/ports.ts';
import type { CallerInfo } from '../../core/request.ts';
import type { ToolName } from '../../core/tool-names.ts';
import type { CallOptions, CallProgress, Gateway } from '../../gateway/gateway.ts';
import { parseArguments } from '../arguments/parse-arguments.ts';
import { orFailure, toLeanJsonSchema } from '../json-schema.ts';

/** What surrounds one tool call, whoever makes it: an MCP client, HTTP or the shell. */
export type ToolContext = {
  readonly gateway: Gateway;
  readonly caller: CallerInfo;
  /** Whose books are reported: the caller's tenant when absent, `all` for the shell of whoever owns them. */
  readonly books?: 'own' | 'all';
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: CallProgress) => void;
  /** Asks the person at the client whether a budget may be passed; absent where nobody can be asked. */
  readonly onBudgetReached?: CallOptions['onBudgetReached'];
  /** The longest list a tool returns; 50 when absent, so that a model's context is spared. */
  readonly rowsMax?: number;
  /** Wall-clock milliseconds; the system's when absent. */
  readonly nowMs?: () => number;
  /** Counts a call that was turned away before it was a request, and gives it an id; absent where nobody asks for either. */
  readonly nameRefusal?: (error: GatewayError) => GatewayError;
  /** Hears of defects; their details never reach the caller. */
  readonly logger?: Logger;
};

/** MCP's hints to the client; all four are always set. */
export type ToolAnnotations = {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
};

type ToolFacts = {
  readonly name: ToolName;
  readonly title: string;
  /** Short and searchable: clients may show a model nothing else. */
  readonly description: string;
  readonly annotations: ToolAnnotations;
  /** What `docs/tools.md` says beyond the schemas. */
  readonly notes: readonly string[];
};

/** The same facts twice: for programs, and compact for people and models. */
export type ToolOutput = { readonly structured: Readonly<Record<string, unknown>>; readonly text: string };

/** A tool as data. */
export type Tool = ToolFacts & {
  readonly inputSchema: () => JsonObject;
  readonly outputSchema: () => JsonObject;
  /** Validates, then runs. Throws a `GatewayError`; a wrong argument is `invalid_request` or `too_large`. */
  readonly run: (rawArguments: unknown, context: ToolContext) => Promise<ToolOutput>;
};

type ToolDefinition<Input extends z.ZodObject, Output extends z.ZodObject> = ToolFacts & {
  readonly input: Input;
  readonly output: Output;
  /** Lists the arguments without descriptions and bounds, where another tool has them. */
  readonly inputBare?: boolean;
  readonly run: (
    input: z.output<Input>,
    context: ToolContext,
  ) => Promise<{ readonly structured: z.input<Output>; readonly text: string }>;
};

/** Ties a tool's schemas to its function; the schemas are converted when they are first listed. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  definition: ToolDefinition<Input, Output>,
): Tool {
  const { input, output, run, inputBare = false, ...facts } = definition;
  let inputSchema: JsonObject | undefined;
  let outputSchema: JsonObject | undefined;
  return {
    ...facts,
    inputSchema: () => {
      inputSchema ??= toLeanJsonSchema(input, { io: 'input', bare: inputBare });
      return inputSchema;
    },
    outputSchema: () => {
      outputSchema ??= orFailure(toLeanJsonSchema(output, { io: 'output', bare: false }));
      return outputSchema;
    },
    run: async (rawArguments, context) => run(parseArguments(input, rawArguments), context),
  };
}
