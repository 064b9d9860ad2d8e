import { expect, test } from 'vitest';
import type { JsonObject } from '../../../src/core/json/json.ts';
import { toChatRequest } from '../../../src/http/openai/to-chat-request.ts';

function read(...messages: readonly JsonObject[]) {
  const options = { caller: { tenant: 't', client: 'c' }, unsupportedParameters: 'reject' } as const;
  const body = { model: 'auto', messages: [{ role: 'user', content: 'Look.' }, ...messages] };
  return toChatRequest(body, { ...options, routing: () => ({ cache: 'use' }) }).request.messages.slice(1);
}

const call = { id: 'c1', type: 'function', function: { name: 'look', arguments: '{}' } };
const result = { role: 'tool', tool_call_id: 'c1' };

test('reasoning and signatures come back by the names that other vendors gave them', () => {
  const signed = { ...call, extra_content: { google: { thought_signature: 'c2ln' } } };
  const [answer] = read(
    { role: 'assistant', reasoning: 'Hm.', tool_calls: [signed] },
    { ...result, content: 'A cat.' },
  );
  expect(answer?.content).toEqual([
    { type: 'reasoning', text: 'Hm.' },
    { type: 'tool-call', id: 'c1', name: 'look', argumentsJson: '{}' },
  ]);
});

test.each([[null], [[]], ['']])('a tool may have found nothing: %j', (content) => {
  const [, found] = read({ role: 'assistant', tool_calls: [call] }, { ...result, content });
  expect(found?.content).toEqual([{ type: 'tool-result', toolCallId: 'c1', toolName: 'look', text: '' }]);
});

test('a tool may show an image, as frameworks that speak to several vendors let it', () => {
  const url = 'https://example.com/a.png';
  const content = [
    { type: 'text', text: 'Seen:' },
    { type: 'image_url', image_url: { url } },
  ];
  const [, found] = read({ role: 'assistant', tool_calls: [call] }, { ...result, content });
  expect(found?.content).toMatchObject([{ text: 'Seen:', media: [{ type: 'image', source: { type: 'url', url } }] }]);
});
