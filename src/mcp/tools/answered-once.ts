import { parseJsonObject } from '../../core/json/json.ts';
import type { ToolContext } from './tool.ts';

const KEY = 'idempotency_key';
const PARAM = `metadata.${KEY}`;

type PaidInput = {
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly deadline_ms?: number | undefined;
};

/**
 * A paid tool that is run once for each `metadata.idempotency_key`: the same call under it gets the first result, also
 * after a restart. The key itself goes no further: it says nothing of the question.
 */
export function answeredOnce<Input extends PaidInput, Output extends object>(
  tool: string,
  run: (input: Input, context: ToolContext) => Promise<Output>,
): (input: Input, context: ToolContext) => Promise<Output> {
  return async (input, context) => {
    const { [KEY]: key, ...metadata } = input.metadata ?? {};
    if (key === undefined) return run(input, context);
    const { metadata: _metadata, ...rest } = input;
    // What is left of an input without its metadata is an input again: the field may be absent.
    const asked = (Object.keys(metadata).length > 0 ? { ...rest, metadata } : rest) as Input;
    const request = {
      tenant: context.caller.tenant,
      key,
      content: [tool, JSON.stringify(asked)],
      param: PARAM,
      ...(input.deadline_ms !== undefined && { deadlineMs: input.deadline_ms }),
    };
    const once = await context.gateway.once(request, async (keep) => {
      const output = await run(asked, context);
      await keep(JSON.stringify(output));
      return output;
    });
    return once.type === 'done' ? once.result : (parseJsonObject(once.answer) as unknown as Output);
  };
}
