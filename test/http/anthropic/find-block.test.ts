import { expect, it } from 'vitest';
import type { JsonObject } from '../../../src/core/json/json.ts';
import { findBlock } from '../../../src/http/anthropic/find-block.ts';

const text = { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'x' } };
const pdf = { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0xLjc=' } };
const image = { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } };
const mixed = { type: 'document', source: { type: 'content', content: [{ type: 'text', text: 'x' }, image] } };
const result = (...content: readonly JsonObject[]) => ({ type: 'tool_result', tool_use_id: 'a', content });

it.each<readonly [what: string, type: 'image' | 'document', content: readonly JsonObject[], path: string | undefined]>([
  ['a PDF behind a document of text', 'document', [text, pdf], 'content[1].document'],
  ['a PDF in a result of a tool', 'document', [result(text, pdf)], 'content[0].tool_result.content[1].document'],
  ['an image', 'image', [pdf, image], 'content[1].image'],
  ['an image within a document', 'image', [pdf, mixed], 'content[1].document'],
  ['a PDF where there is none', 'document', [text, mixed, image], undefined],
])('the block that shows %s is found', (_what, type, content, path) => {
  const messages = [
    { role: 'user', content: 'Hello' },
    { role: 'user', content: [...content] },
  ];
  expect(findBlock({ messages }, type)).toBe(path && `messages[1].${path}`);
});
