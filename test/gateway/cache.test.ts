import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ChatRequest } from '../../src/core/request.ts';
import { model } from '../support/gateway.ts';
import { answer, createScriptedProvider, refusal } from '../support/scripted-provider.ts';
import { gatewayOf, single } from './gateway-pair.ts';

describe('the cache', () => {
  it('answers the same request again for nothing, and books what was saved', async () => {
    const { ask, books, provider } = await single();
    const first = await ask('hello');
    const second = await ask('hello');
    expect(provider.calls).toHaveLength(1);
    expect(second).toMatchObject({
      cache: 'hit',
      costNanoUsd: 0,
      model: 'only/m',
      completion: { usage: { source: 'none' } },
    });
    expect(second.completion.content).toEqual(first.completion.content);
    const [hit] = await books();
    expect(hit).toMatchObject({ cache: 'hit', status: 'success', savedNanoUsd: 20_000, costNanoUsd: 0, attempts: [] });
  });

  it('asks again on refresh, and answers later calls with the newer answer', async () => {
    const { ask, books } = await single((call) => answer(`answer ${call}`));
    await ask('hello');
    await ask('hello', { cache: 'refresh' });
    expect((await ask('hello')).completion.content).toEqual([{ type: 'text', text: 'answer 2' }]);
    // Sorted: requests of one millisecond stand in any order.
    expect((await books()).map(({ cache }) => cache).sort()).toEqual(['hit', 'miss', 'refresh']);
  });

  it('is neither read nor written when off', async () => {
    const { ask, books, provider } = await single();
    await ask('hello', { cache: 'off' });
    await ask('hello');
    await ask('hello', { cache: 'off' });
    expect(provider.calls).toHaveLength(3);
    expect((await books()).map(({ cache }) => cache).sort()).toEqual(['miss', 'off', 'off']);
  });

  const variants: Record<string, Partial<ChatRequest>> = {
    'another tenant': { caller: { tenant: 'other', client: 'test' } },
    'another temperature': { temperature: 0.5 },
    'another output limit': { maxOutputTokens: 17 },
    'a tool': { tools: [{ name: 'look', inputSchema: { type: 'object' } }] },
    'a schema': { responseFormat: { type: 'json-schema', name: 'x', schema: { type: 'string' } } },
    'a system prompt': {
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
        { role: 'user', content: [{ type: 'text', text: 'hello' }] },
      ],
    },
  };
  for (const [what, change] of Object.entries(variants)) {
    it(`does not mistake ${what} for the same request`, async () => {
      const { ask, provider } = await single(() => answer('"ok"'), {
        models: [model('only/m', { capabilities: ['tools', 'json-schema'] })],
      });
      await ask('hello');
      await ask('hello', {}, change);
      expect(provider.calls).toHaveLength(2);
    });
  }

  it.each(['length', 'content_filter', 'refusal', 'other'] as const)(
    'never keeps an answer that ended with %s',
    async (unified) => {
      const { ask, provider } = await single(() => [
        { type: 'sent' },
        { type: 'text-delta', text: 'partly' },
        { type: 'finish', finishReason: { unified, raw: unified }, model: 'm' },
      ]);
      expect((await ask('hello')).completion.finishReason.unified).toBe(unified);
      await ask('hello');
      expect(provider.calls).toHaveLength(2);
    },
  );

  it.each([
    ['look', '{"at":1}', 1],
    ['look', '', 1],
    ['look', '{"at":', 2],
    ['look', '[1]', 2],
    ['jump', '{"at":1}', 2],
  ])(
    'keeps a call of what was offered, with arguments that can be read: %s(%s)',
    async (name, argumentsJson, calls) => {
      const { ask, provider } = await single(
        () => [
          { type: 'sent' },
          { type: 'tool-call', id: 'call_1', name, argumentsJson },
          { type: 'finish', finishReason: { unified: 'tool_calls', raw: 'tool_calls' }, model: 'm' },
        ],
        { models: [model('only/m', { capabilities: ['tools'] })] },
      );
      const tools = [{ name: 'look', inputSchema: { type: 'object' } }];
      await ask('hello', {}, { tools });
      expect((await ask('hello', {}, { tools })).completion.content).toMatchObject([{ name, argumentsJson }]);
      expect(provider.calls).toHaveLength(calls);
    },
  );

  it('asks again when the model is known for something else, which changes what it is sent', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'signalbox-gateway-'));
    const provider = createScriptedProvider('only', () => answer('ok'));
    for (const [more, calls] of [
      [{ outputTokensMax: 500 }, 1],
      [{ outputTokensMax: 500 }, 1],
      [{ outputTokensMax: 900 }, 2],
      [{ capabilities: ['tools'] }, 3],
      [{ outputTokensMax: 500 }, 3],
    ] as const) {
      const { ask, close } = await gatewayOf({ providers: [provider], models: [model('only/m', more)], dataDir });
      await ask('hello');
      expect(provider.calls).toHaveLength(calls);
      await close();
    }
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('stores the answer of a fallback under the model that gave it', async () => {
    let down = true;
    const first = createScriptedProvider('first', () =>
      down ? refusal('invalid_request', 'odd', { retrySame: 'no' }) : answer('first'),
    );
    const flaky = createScriptedProvider('flaky', () =>
      down ? refusal('stream_truncated', 'cut') : answer('from flaky'),
    );
    const second = createScriptedProvider('second', () => answer('from second'));
    const { ask } = await gatewayOf({
      providers: [first, flaky, second],
      models: [model('flaky/a'), model('second/b')],
    });
    expect((await ask('hello')).model).toBe('second/b');
    down = false;
    expect(await ask('hello')).toMatchObject({ model: 'flaky/a', cache: 'miss' });
    expect(await ask('hello', { model: 'second/b' })).toMatchObject({ model: 'second/b', cache: 'hit' });
  });
});
