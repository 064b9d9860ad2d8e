import { expect, it } from 'vitest';
import type { Message, ToolDefinition } from '../../../../src/core/message.ts';
import type { CallContext, Provider, ProviderRequest } from '../../../../src/core/provider.ts';
import { withShortToolNames } from '../../../../src/providers/shared/translation/short-tool-names.ts';
import { answerOf } from '../../../support/gateway-answer.ts';
import { startClock } from '../../../support/given-time.ts';

const LONG = `mcp__jobs__${'get_failed_'.repeat(8)}`;
const CONTEXT = {} as CallContext;

/** A provider that calls every tool it is given, and what it was asked. */
function provider() {
  const asked: ProviderRequest[] = [];
  const complete: Provider['complete'] = async (request) => {
    asked.push(request);
    const calls = (request.tools ?? []).map(
      ({ name }, index) => ({ type: 'tool-call', id: `call_${index}`, name, argumentsJson: '{}' }) as const,
    );
    return answerOf({ content: calls }).completion;
  };
  const listModels = async () => [];
  return { asked, complete: withShortToolNames({ id: 'main', kind: 'openai', complete, listModels }).complete };
}

function requestOf(tools: readonly ToolDefinition[], messages: readonly Message[] = []): ProviderRequest {
  return { tools, messages } as unknown as ProviderRequest;
}

const toolOf = (name: string): ToolDefinition => ({ name, inputSchema: { type: 'object' } });

it('a tool that is called what a longer name becomes keeps its name, and its calls', async () => {
  const { asked, complete } = provider();
  await complete(requestOf([toolOf(LONG)]), CONTEXT);
  const short = asked[0]?.tools?.[0]?.name ?? '';
  const { content } = await complete(requestOf([toolOf(LONG), toolOf(short)]), CONTEXT);
  const [first, second] = asked[1]?.tools ?? [];
  expect(first?.name).toMatch(/^[\w-]{64}$/);
  expect(first?.name).not.toBe(short);
  expect(second?.name).toBe(short);
  expect(content.map((part) => part.type === 'tool-call' && part.name)).toEqual([LONG, short]);
});

it('ten thousand calls of a long name hold the process for less than 50 ms', async () => {
  const { asked, complete } = provider();
  const messages = Array.from({ length: 10_000 }, (_, index): readonly Message[] => [
    { role: 'assistant', content: [{ type: 'tool-call', id: `call_${index}`, name: LONG, argumentsJson: '{}' }] },
    { role: 'tool', content: [{ type: 'tool-result', toolCallId: `call_${index}`, toolName: LONG, text: '' }] },
  ]).flat();
  const readMs = startClock();
  await complete(requestOf([toolOf(LONG)], messages), CONTEXT);
  expect(readMs()).toBeLessThan(50);
  expect(JSON.stringify(asked).includes(LONG)).toBe(false);
});
