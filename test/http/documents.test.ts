import { expect, test } from 'vitest';
import type { JsonObject, JsonValue } from '../../src/core/json/json.ts';
import { toChatRequest as fromAnthropic } from '../../src/http/anthropic/to-chat-request.ts';
import { toChatRequest as fromChat } from '../../src/http/openai/to-chat-request.ts';
import { toChatRequest as fromResponses } from '../../src/http/responses/to-chat-request.ts';

const PDF = 'JVBERi0xLjc=';
const SOURCE = { type: 'data', mediaType: 'application/pdf', base64: PDF };
const PDF_URL = `data:application/pdf;base64,${PDF}`;
const SURROUNDINGS = {
  routing: () => ({ cache: 'use' }) as const,
  caller: { tenant: 't', client: 'c' },
  unsupportedParameters: 'reject',
} as const;

function anthropicMessages(...messages: JsonObject[]) {
  return fromAnthropic({ model: 'm', max_tokens: 100, messages }, { ...SURROUNDINGS, routing: { cache: 'use' } })
    .messages;
}

function chatContent(...content: JsonObject[]) {
  const messages = [{ role: 'user', content }];
  return fromChat({ model: 'm', messages }, SURROUNDINGS).request.messages[0]?.content;
}

function responsesMessages(...input: JsonValue[]) {
  return fromResponses({ model: 'm', input }, SURROUNDINGS).request.messages;
}

test('an Anthropic client shows PDFs, and what else it shows is said as text', () => {
  const cache_control = { type: 'ephemeral' };
  const pdf = { type: 'base64', media_type: 'application/pdf', data: PDF };
  const image = { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } };
  const found = { type: 'search_result', title: 'Tides', source: 'https://example.com/tides' };
  const text = { type: 'text', media_type: 'text/plain', data: 'Low at noon.' };
  const read = anthropicMessages(
    { role: 'user', content: 'Hello' },
    { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'look', input: {} }] },
    {
      role: 'user',
      content: [
        {
          type: 'tool_result',
          tool_use_id: 'toolu_1',
          content: [
            { type: 'document', source: pdf },
            {
              ...found,
              content: [
                { type: 'text', text: 'They rise.' },
                { type: 'text', text: 'They fall.' },
              ],
            },
          ],
        },
        { type: 'document', source: pdf, title: 'Tides', context: 'Of 2026.', citations: { enabled: false } },
        { type: 'document', source: { type: 'url', url: 'https://example.com/a.pdf' }, cache_control },
        { type: 'document', source: text, title: 'tides.txt', context: 'A log.', cache_control },
        { type: 'document', source: { type: 'content', content: 'As it is.' } },
        {
          type: 'document',
          title: 'Mixed',
          source: { type: 'content', content: [{ type: 'text', text: 'Look:' }, image] },
          cache_control,
        },
      ],
    },
  );
  expect(read[2]).toMatchObject({
    role: 'tool',
    content: [
      {
        text: 'Search result: Tides\nhttps://example.com/tides\n\nThey rise.\n\nThey fall.',
        media: [{ type: 'document', source: SOURCE }],
      },
    ],
  });
  expect(read[3]?.content).toEqual([
    { type: 'text', text: 'Of 2026.' },
    { type: 'document', source: SOURCE, title: 'Tides' },
    { type: 'document', source: { type: 'url', url: 'https://example.com/a.pdf' }, cacheBreakpoint: '5m' },
    { type: 'text', text: 'Document: tides.txt\n\nA log.\n\nLow at noon.', cacheBreakpoint: '5m' },
    { type: 'text', text: 'As it is.' },
    { type: 'text', text: 'Document: Mixed' },
    { type: 'text', text: 'Look:' },
    { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' }, cacheBreakpoint: '5m' },
  ]);
});

test("an OpenAI client's files are documents, or texts", () => {
  expect(
    chatContent(
      { type: 'file', file: { filename: 'a.pdf', file_data: PDF_URL } },
      { type: 'file', file: { file_data: 'data:text/plain;base64,aGk=' }, cache_control: { type: 'ephemeral' } },
    ),
  ).toEqual([
    { type: 'document', source: SOURCE, title: 'a.pdf' },
    { type: 'text', text: 'hi', cacheBreakpoint: '5m' },
  ]);
});

test('so are those of the Responses API, and those that tools show', () => {
  const file_url = 'https://example.org/a.pdf';
  const [user, , tool] = responsesMessages(
    {
      role: 'user',
      content: [
        { type: 'input_file', filename: 'a.pdf', file_data: PDF_URL },
        { type: 'input_file', filename: 'a.csv', file_data: 'data:text/csv;base64,YSxi', detail: 'auto' },
      ],
    },
    { type: 'function_call', call_id: 'a', name: 'look', arguments: '{}' },
    { type: 'function_call_output', call_id: 'a', output: [{ type: 'input_file', file_url }] },
  );
  expect(user?.content).toEqual([
    { type: 'document', source: SOURCE, title: 'a.pdf' },
    { type: 'text', text: 'Document: a.csv\n\na,b' },
  ]);
  expect(tool?.content[0]).toMatchObject({ text: '', media: [{ type: 'document', source: { url: file_url } }] });
});

test.each<readonly [what: string, file: JsonObject, param: string]>([
  ['by its id', { file_id: 'f' }, 'file_id'],
  ['that is not there', { filename: 'a.pdf' }, 'file_data'],
  ['given twice', { file_data: PDF_URL, file_url: 'https://example.com/a.pdf' }, 'file_url'],
  ['looked at in another way', { file_data: PDF_URL, detail: 'original' }, 'detail'],
  ['that is a program', { file_data: 'data:application/wasm;base64,AGFzbQ==' }, 'file_data'],
])('a file %s is refused by its field', (_what, file, param) => {
  const ask = () => responsesMessages({ role: 'user', content: [{ type: 'input_file', ...file }] });
  expect(ask).toThrow(expect.objectContaining({ code: 'invalid_request', param: `input[0].content[0].${param}` }));
});
