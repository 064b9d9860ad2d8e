import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Completion } from '../../../src/core/completion.ts';
import { toThinkingState } from '../../../src/core/content/signed-thinking.ts';
import { replayedParts } from '../../../src/gateway/replay.ts';
import type { CalledTool } from '../../../src/http/responses/called-tool.ts';
import { fromAnswer } from '../../../src/http/responses/from-answer.ts';
import { ResponsesEncoder } from '../../../src/http/responses/responses-encoder.ts';
import { answerOf } from '../../support/gateway-answer.ts';

type Content = Completion['content'];

const word = fc.string({ minLength: 1, maxLength: 6, unit: 'grapheme' });
const text = word.map((said): Content[number] => ({ type: 'text', text: said }));
const plain = word.map((said): Content[number] => ({ type: 'reasoning', text: said }));
const signed = fc.constantFrom('', 'Hm.').map((thinking): Content[number] => {
  const vendorState = toThinkingState({ type: 'thinking', thinking, signature: 'c2lnbmVk' });
  return { type: 'reasoning', text: thinking, vendorState };
});
const call = fc
  .record({
    id: fc.uuid(),
    name: fc.constantFrom('look', 'patch', 'tool_search'),
    argumentsJson: fc.constantFrom('', '{}', '{"input":"a\\nb"}', '{"patch":"x"}', '{"input":"cu'),
  })
  .map((fields): Content[number] => ({ type: 'tool-call', ...fields }));
const called = new Map<string, CalledTool>([
  ['patch', { name: 'patch', kind: 'custom' }],
  ['tool_search', { name: 'tool_search', kind: 'search' }],
]);
const contents = fc.array(fc.oneof(text, plain, signed, call), { maxLength: 8 });

test('any answer reads the same at the end of a stream as it does whole', () => {
  fc.assert(
    fc.property(
      contents,
      fc.constantFrom('stop', 'length', 'content_filter', 'other'),
      fc.boolean(),
      fc.boolean(),
      (content, unified, showsSummary, carriesState) => {
        const answer = answerOf({ content, finishReason: { unified, raw: unified } });
        const { requestId, model, completion } = answer;
        const echo = { fields: {}, showsSummary, carriesState, called };
        const encoder = new ResponsesEncoder(echo, { requestId, model, createdAtS: 1, nowMs: () => 2_000 });
        const parts = [encoder.open(), ...replayedParts(completion).map((part) => encoder.part(part))];
        const last = [...parts, encoder.end(answer)].join('').split('\n\n').at(-2);
        // By the line feed alone, as in such a stream: to a regular expression U+2028 ends a line too.
        const { response } = JSON.parse(last?.split('\ndata: ')[1] ?? '');
        const whole = fromAnswer(answer, echo, { createdAtS: 1, completedAtS: 2 });
        expect(response).toEqual(JSON.parse(JSON.stringify(whole)));
      },
    ),
    { numRuns: 500 },
  );
});
