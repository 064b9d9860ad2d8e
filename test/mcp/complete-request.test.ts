import { describe, expect, it } from 'vitest';
import type { ChatRequest } from '../../src/core/request.ts';
import { refusalOf, runScripted } from './run-scripted.ts';

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex').toString('base64');

async function requestFor(args: object): Promise<ChatRequest> {
  const { asked, text } = await runScripted('complete', args);
  const first = asked[0];
  if (first?.method !== 'complete') throw new Error(text);
  return first.request;
}

describe('complete passes on', () => {
  it('a prompt with every option', async () => {
    const request = await requestFor({
      prompt: 'hi',
      system: 'be brief',
      model: 'openrouter/meta/llama-3',
      provider: 'openrouter',
      tier: 'simple',
      task: 'code',
      strategy: 'cost',
      max_output_tokens: 100,
      temperature: 0,
      json_schema: { type: 'object', properties: { a: { type: 'number' } } },
      max_cost_usd: 0.15,
      deadline_ms: 1_500.5,
      cache: 'refresh',
      fallback: true,
      metadata: { team: 'core' },
    });
    expect(request).toEqual({
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'be brief' }] },
        { role: 'user', content: [{ type: 'text', text: 'hi' }] },
      ],
      maxOutputTokens: 100,
      temperature: 0,
      unsupportedParameters: 'drop',
      responseFormat: {
        type: 'json-schema',
        name: 'answer',
        schema: { type: 'object', properties: { a: { type: 'number' } } },
      },
      routing: {
        model: 'openrouter/meta/llama-3',
        provider: 'openrouter',
        tier: 'simple',
        task: 'code',
        strategy: 'cost',
        costMax: 150_000_000,
        deadlineMs: 1_501,
        cache: 'refresh',
        fallback: true,
      },
      caller: { tenant: 'local', client: 'unit-test' },
      metadata: { team: 'core' },
    });
  });

  it('nothing that was not asked for', async () => {
    expect(await requestFor({ prompt: 'hi', model: 'auto', system: ' ' })).toEqual({
      messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
      unsupportedParameters: 'drop',
      routing: { cache: 'use' },
      caller: { tenant: 'local', client: 'unit-test' },
    });
  });

  it('a conversation, with its images at the last message of the user', async () => {
    const { messages } = await requestFor({
      system: 'first',
      messages: [
        { role: 'system', content: 'second' },
        { role: 'user', content: 'one' },
        { role: 'assistant', content: 'two' },
        { role: 'user', content: 'three 😀' },
        { role: 'assistant', content: 'four' },
      ],
      images: [`data:image/PNG;base64,${PNG}`, 'https://example.com/a b.png?x=1'],
    });
    expect(messages.map(({ role, content }) => `${role} ${content.length}`)).toEqual([
      'system 1',
      'system 1',
      'user 1',
      'assistant 1',
      'user 3',
      'assistant 1',
    ]);
    expect(messages[4]?.content).toEqual([
      { type: 'text', text: 'three 😀' },
      { type: 'image', source: { type: 'data', mediaType: 'image/png', base64: PNG } },
      { type: 'image', source: { type: 'url', url: 'https://example.com/a%20b.png?x=1' } },
    ]);
  });

  it('what the system alone says, as the service does over HTTP', async () => {
    const { messages } = await requestFor({ messages: [{ role: 'system', content: 'Name a fish.' }] });
    expect(messages).toEqual([{ role: 'system', content: [{ type: 'text', text: 'Name a fish.' }] }]);
  });

  it('bytes of an unknown look under the type they were given', async () => {
    const { messages } = await requestFor({ prompt: 'x', images: ['data:image/webp;base64,AAAA'] });
    expect(messages[0]?.content[1]).toMatchObject({ source: { mediaType: 'image/webp', base64: 'AAAA' } });
  });

  it('a temperature of minus zero', async () => {
    expect((await requestFor({ prompt: 'x', temperature: -0 })).temperature).toBeCloseTo(0);
  });
});

it('route_preview takes and refuses the same arguments as complete', async () => {
  const { asked } = await runScripted('route_preview', { prompt: 'hi', tier: 'expert' });
  expect(asked).toMatchObject([{ method: 'preview', request: { routing: { tier: 'expert', cache: 'use' } } }]);
  expect((await refusalOf('route_preview', { prompt: 'hi', temperature: 3 })).message).toMatch(/^"temperature"/);
});
