import { expect, it } from 'vitest';
import type { ProviderRequest } from '../../../src/core/provider.ts';
import { toAnthropicRequest } from '../../../src/providers/anthropic/to-anthropic-request.ts';
import { modelOf } from '../harness.ts';

const text = (words: string, cacheBreakpoint?: '5m' | '1h') =>
  ({ type: 'text', text: words, ...(cacheBreakpoint && { cacheBreakpoint }) }) as const;
const image = { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } } as const;

const request: ProviderRequest = {
  model: modelOf('anthropic', ['tools', 'vision']),
  messages: [
    { role: 'system', content: [text('Be brief.'), text('Long rules.', '1h')] },
    { role: 'user', content: [text('Look.', '5m'), { ...image, cacheBreakpoint: '5m' }] },
    { role: 'assistant', content: [{ type: 'tool-call', id: 'a', name: 'look', argumentsJson: '{}' }] },
    {
      role: 'tool',
      content: [
        {
          type: 'tool-result',
          toolCallId: 'a',
          toolName: 'look',
          text: 'Seen.',
          media: [image],
          cacheBreakpoint: '5m',
        },
      ],
    },
  ],
  tools: [{ name: 'look', inputSchema: { type: 'object' }, cacheBreakpoint: '1h' }],
};

it('tells the vendor how far its cache is to keep the prompt, at the last four places', () => {
  const { system, messages, tools } = toAnthropicRequest(request);
  // Five places are named; the first in the vendor's order is given up.
  expect(tools?.[0]).not.toHaveProperty('cache_control');
  expect(system).toEqual([
    { type: 'text', text: 'Be brief.' },
    { type: 'text', text: 'Long rules.', cache_control: { type: 'ephemeral', ttl: '1h' } },
  ]);
  expect(messages[0]?.content).toEqual([
    { type: 'text', text: 'Look.', cache_control: { type: 'ephemeral' } },
    { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' }, cache_control: { type: 'ephemeral' } },
  ]);
  expect(messages[2]?.content).toEqual([
    {
      type: 'tool_result',
      tool_use_id: 'a',
      content: [
        { type: 'text', text: 'Seen.' },
        { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
      ],
      cache_control: { type: 'ephemeral' },
    },
  ]);
});

it('marks a tool when there is room', () => {
  const { tools } = toAnthropicRequest({ ...request, messages: [{ role: 'user', content: [text('Hi')] }] });
  expect(tools?.[0]).toMatchObject({ name: 'look', cache_control: { type: 'ephemeral', ttl: '1h' } });
});
