import { expect, it } from 'vitest';
import type { ContentPart } from '../../../src/http/reply/stream-encoder.ts';
import { ResponsesEncoder } from '../../../src/http/responses/responses-encoder.ts';
import { answerOf } from '../../support/gateway-answer.ts';

const ECHO = { fields: {}, carriesState: false, showsSummary: true };
const look = { type: 'tool-call-delta', name: 'look' } as const;
/** Some servers go on with their text, or think again, before the first call is complete. */
const PARTS: readonly ContentPart[] = [
  { ...look, id: 'a', argumentsText: '{"x"' },
  { type: 'text-delta', text: 'Let me see.' },
  { ...look, id: 'a', argumentsText: ':1}' },
  { type: 'reasoning-delta', text: 'Hm.' },
  { ...look, id: 'b', argumentsText: '{}' },
  { type: 'text-delta', text: 'Done.' },
  { type: 'tool-call', id: 'a', name: 'look', argumentsJson: '{"x":1}' },
  { type: 'tool-call', id: 'b', name: 'look', argumentsJson: '{}' },
];

it('items are done in the order in which they began, whichever was complete first', () => {
  const encoder = new ResponsesEncoder(ECHO, { requestId: 'r', model: 'main/m', createdAtS: 1, nowMs: () => 1 });
  const text = PARTS.map((part) => encoder.part(part)).join('') + encoder.end(answerOf());
  const events = [...text.matchAll(/^data: (.+)$/gm)].map(([, data]) => JSON.parse(data ?? ''));
  const done = events.filter(({ type }) => type === 'response.output_item.done');
  expect(done.map(({ output_index }) => output_index)).toEqual([0, 1, 2, 3, 4]);
  expect(done.map(({ item }) => item)).toEqual(events.at(-1).response.output);
  expect(done.map(({ item }) => item.arguments ?? item.content?.[0].text ?? item.summary[0].text)).toEqual([
    '{"x":1}',
    'Let me see.',
    'Hm.',
    '{}',
    'Done.',
  ]);
});
