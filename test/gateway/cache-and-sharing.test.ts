import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { nanoUsd } from '../../src/core/money.ts';
import type { ChatRequest } from '../../src/core/request.ts';
import { chat, failure, type HarnessOptions, model, openGateway } from '../support/gateway.ts';
import { answer, createScriptedProvider, refusal, type Step } from '../support/scripted-provider.ts';

let open: Awaited<ReturnType<typeof openGateway>> | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});

async function single(
  script: (call: number) => readonly Step[] = () => answer('ok'),
  more: Partial<HarnessOptions> = {},
) {
  const provider = createScriptedProvider('only', (_request, call) => script(call));
  open = await openGateway({ providers: [provider], models: [model('only/m')], ...more });
  return { ...open, provider };
}

function gate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { promise, release: () => resolve() };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

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
      open = await openGateway({ providers: [provider], models: [model('only/m', more)], dataDir });
      await open.ask('hello');
      expect(provider.calls).toHaveLength(calls);
      await open.close();
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
    open = await openGateway({ providers: [first, flaky, second], models: [model('flaky/a'), model('second/b')] });
    expect((await open.ask('hello')).model).toBe('second/b');
    down = false;
    expect(await open.ask('hello')).toMatchObject({ model: 'flaky/a', cache: 'miss' });
    expect(await open.ask('hello', { model: 'second/b' })).toMatchObject({ model: 'second/b', cache: 'hit' });
  });
});

describe('identical requests at the same time', () => {
  it('share one upstream call, booked once', async () => {
    const wait = gate();
    const { ask, books, provider } = await single(() => [
      { type: 'sent' },
      { type: 'gate', gate: wait.promise },
      ...answer('shared').slice(1),
    ]);
    const pending = Promise.all([ask('same'), ask('same'), ask('same')]);
    await until(() => provider.calls.length > 0);
    wait.release();
    const answers = await pending;
    expect(provider.calls).toHaveLength(1);
    expect(answers.map(({ costNanoUsd }) => costNanoUsd).sort()).toEqual([0, 0, 20_000]);
    const requests = await books();
    const leader = requests.find(({ cache }) => cache === 'miss');
    expect(requests.map(({ cache }) => cache).sort()).toEqual(['coalesced', 'coalesced', 'miss']);
    expect(requests.filter(({ coalescedInto }) => coalescedInto === leader?.id)).toHaveLength(2);
    expect(requests.flatMap(({ attempts }) => attempts)).toHaveLength(1);
  });

  it('are as many calls where the cache is turned off: who takes samples wants each', async () => {
    const { ask, books, provider } = await single((call) => answer(`answer ${call}`), { cacheEnabled: false });
    const answers = await Promise.all([ask('same'), ask('same'), ask('same')]);
    expect(provider.calls).toHaveLength(3);
    expect(answers.map(({ cache }) => cache)).toEqual(['off', 'off', 'off']);
    expect(answers.map(({ costNanoUsd }) => costNanoUsd)).toEqual([20_000, 20_000, 20_000]);
    expect((await books()).map(({ cache }) => cache)).toEqual(['off', 'off', 'off']);
  });

  it('go on for the others when the one that started leaves', async () => {
    const wait = gate();
    const { gateway, ask, books, provider } = await single(() => [
      { type: 'sent' },
      { type: 'gate', gate: wait.promise },
      ...answer('shared').slice(1),
    ]);
    const leader = new AbortController();
    const left = failure(gateway.complete(chat('same'), { signal: leader.signal }));
    const stays = ask('same');
    await until(() => provider.calls.length > 0);
    leader.abort();
    expect((await left).code).toBe('cancelled');
    wait.release();
    expect((await stays).completion.content).toEqual([{ type: 'text', text: 'shared' }]);
    expect(provider.aborted()).toBe(0);
    expect((await books()).map(({ status, cache }) => `${cache} ${status}`).sort()).toEqual([
      'coalesced success',
      'miss cancelled',
    ]);
  });

  it('end the upstream call when the last of them leaves', async () => {
    const { gateway, books, provider } = await single(() => [{ type: 'sent' }, { type: 'hang' }]);
    const callers = [new AbortController(), new AbortController()];
    const left = callers.map(({ signal }) => failure(gateway.complete(chat('same'), { signal })));
    await until(() => provider.calls.length > 0);
    callers[0]?.abort();
    await left[0];
    expect(provider.aborted()).toBe(0);
    callers[1]?.abort();
    await left[1];
    expect((await books()).map(({ status }) => status)).toEqual(['cancelled', 'cancelled']);
    expect(provider.aborted()).toBe(1);
  });

  it('start a new call while the old one is being given up', async () => {
    const { ask, gateway, provider } = await single((call) =>
      call === 1 ? [{ type: 'sent' }, { type: 'hang' }] : answer('fresh'),
    );
    const caller = new AbortController();
    const left = failure(gateway.complete(chat('same'), { signal: caller.signal }));
    await until(() => provider.calls.length === 1);
    caller.abort();
    expect((await ask('same')).completion.content).toEqual([{ type: 'text', text: 'fresh' }]);
    expect((await left).code).toBe('cancelled');
    expect(provider.calls).toHaveLength(2);
  });

  it('all hear the progress, latecomers included', async () => {
    const wait = gate();
    const { gateway, provider } = await single(() => [
      { type: 'sent' },
      { type: 'text-delta', text: 'twelve chars' },
      { type: 'gate', gate: wait.promise },
      ...answer('').slice(3),
    ]);
    const heard: string[][] = [[], []];
    const options = (index: number) => ({
      signal: new AbortController().signal,
      onProgress: ({ phase, outputTokens }: { phase: string; outputTokens: number }) =>
        heard[index]?.push(`${phase} ${outputTokens}`),
    });
    const first = gateway.complete(chat('same'), options(0));
    await until(() => provider.calls.length > 0 && (heard[0]?.length ?? 0) > 1);
    const second = gateway.complete(chat('same'), options(1));
    await until(() => (heard[1]?.length ?? 0) > 0);
    wait.release();
    await Promise.all([first, second]);
    expect(heard).toEqual([['waiting 0', 'receiving 3'], ['receiving 3']]);
  });

  it('do not share with one that may go on to other models', async () => {
    const wait = gate();
    const first = createScriptedProvider('first', () => [
      { type: 'sent' },
      { type: 'gate', gate: wait.promise },
      ...refusal('provider_error', 'boom', { retrySame: 'no' }).slice(1),
    ]);
    const second = createScriptedProvider('second', () => answer('from second'));
    open = await openGateway({ providers: [first, second], models: [model('first/a'), model('second/b')] });
    const free = open.ask('same');
    const forced = failure(open.ask('same', { model: 'first/a' }));
    await until(() => first.calls.length === 2);
    wait.release();
    expect((await free).model).toBe('second/b');
    expect(await forced).toMatchObject({ code: 'provider_error', model: 'first/a' });
  });

  it('do not share when a deadline, the cost limit, the cache mode or the tenant differs', async () => {
    const wait = gate();
    const { ask, provider } = await single(() => [
      { type: 'sent' },
      { type: 'gate', gate: wait.promise },
      ...answer('x').slice(1),
    ]);
    const all = [
      ask('same'),
      ask('same', { deadlineMs: 15_000 }),
      // High enough to leave the answer's length alone.
      ask('same', { costMax: nanoUsd(1_000_000_000) }),
      ask('same', { cache: 'refresh' }),
      ask('same', { cache: 'off' }),
      ask('same', {}, { caller: { tenant: 'other', client: 'test' } }),
    ];
    await until(() => provider.calls.length === 6);
    wait.release();
    await Promise.all(all);
    expect(provider.calls).toHaveLength(6);
  });
});
