import { expect, it } from 'vitest';
import { replayedParts } from '../../../src/gateway/replay.ts';
import { fromAnswer } from '../../../src/http/responses/from-answer.ts';
import { ResponsesEncoder } from '../../../src/http/responses/responses-encoder.ts';
import { answerOf } from '../../support/gateway-answer.ts';

const ECHO = { fields: {}, carriesState: false, showsSummary: false };
const call = { type: 'tool-call', name: 'look' } as const;

it.each([
  ['a call that was cut, which its vendor gives as it is', '{"x":', [], 'incomplete'],
  ['a call before what was cut', '{"x":1}', [{ type: 'text', text: 'Now' }], 'completed'],
] as const)(
  'an answer that ran into its length limit tells how far each item came: %s',
  (_name, argumentsJson, more, status) => {
    const content = [{ ...call, id: 'a', argumentsJson: '{}' }, { ...call, id: 'b', argumentsJson }, ...more];
    const answer = answerOf({ content, finishReason: { unified: 'length', raw: 'length' } });
    const encoder = new ResponsesEncoder(ECHO, {
      ...{ requestId: answer.requestId, model: answer.model },
      ...{ createdAtS: 1, nowMs: () => 2_000 },
    });
    const parts = [...replayedParts(answer.completion)].map((part) => encoder.part(part));
    const events = [...(parts.join('') + encoder.end(answer)).matchAll(/^data: (.+)$/gm)].map(([, data]) =>
      JSON.parse(data ?? ''),
    );
    const done = events.filter(({ type }) => type === 'response.output_item.done').map(({ item }) => item);
    expect(done.slice(0, 2)).toMatchObject([{ status: 'completed' }, { status, arguments: argumentsJson }]);
    expect(events.at(-1).response).toMatchObject({ status: 'incomplete', output: done });
    expect(fromAnswer(answer, ECHO, { createdAtS: 1, completedAtS: 2 })).toEqual(events.at(-1).response);
  },
);
