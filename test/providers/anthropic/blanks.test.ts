import { expect, it } from 'vitest';
import type { Message } from '../../../src/core/message.ts';
import { toAnthropicRequest } from '../../../src/providers/anthropic/to-anthropic-request.ts';
import { modelOf } from '../harness.ts';

const hello: readonly Message[] = [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }];

it('a request holds no text of blanks alone, which other models put before a call, and no failure without a word', () => {
  const call = { type: 'tool-call', id: 'a', name: 'look', argumentsJson: '{}' } as const;
  const said = { type: 'text', text: '\n\n' } as const;
  const result = { type: 'tool-result', toolCallId: 'a', toolName: 'look', text: ' ' } as const;
  const loop = (isError: boolean) =>
    toAnthropicRequest({
      model: modelOf('anthropic', ['tools']),
      messages: [
        { role: 'system', content: [said] },
        ...hello,
        { role: 'assistant', content: [said, call] },
        { role: 'tool', content: [{ ...result, isError }] },
      ],
    });
  const before = [{ role: 'user' }, { role: 'assistant', content: [{ type: 'tool_use' }] }];
  const answer = { type: 'tool_result', tool_use_id: 'a' };
  expect(loop(false)).not.toHaveProperty('system');
  expect(loop(false).messages).toMatchObject(before.concat({ role: 'user' }));
  expect(loop(false).messages.at(-1)?.content).toEqual([answer]);
  expect(loop(true).messages.at(-1)?.content).toEqual([{ ...answer, is_error: true, content: 'Error' }]);
});
