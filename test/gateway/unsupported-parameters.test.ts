import { describe, expect, it } from 'vitest';
import { nanoUsd } from '../../src/core/money.ts';
import { chat, failure, model, partsOf, settingsFor } from '../support/gateway.ts';
import { answer, createScriptedProvider } from '../support/scripted-provider.ts';
import { gatewayOf } from './gateway-pair.ts';

/** The first takes no seed and one answer a call, the second takes both. */
async function unequalPair(dropsAtRuntime = false) {
  const first = createScriptedProvider('first', () => answer('from first'));
  const second = createScriptedProvider('second', () =>
    answer('from second').map((step) =>
      step.type === 'finish' && dropsAtRuntime ? { ...step, droppedParameters: ['seed'] as const } : step,
    ),
  );
  const harness = await gatewayOf({
    providers: [first, second],
    models: [model('first/a'), model('second/b')],
    settings: [settingsFor('first', 'anthropic'), settingsFor('second', 'openai')],
  });
  return { ...harness, first, second };
}

const DROP = { unsupportedParameters: 'drop' } as const;

describe('a parameter that no model can honour', () => {
  it('refuses the request by name, with both ways out', async () => {
    const { ask, first, books } = await unequalPair();
    const error = await failure(ask('hello', { model: 'first/a' }, { seed: 7 }));
    expect(error).toMatchObject({ code: 'capability_missing', param: 'seed', retryable: false });
    expect(error.message).toContain('it takes no seed');
    expect(error.hint).toBe(
      'Leave seed out, name a model that takes it, or set routing.unsupportedParameters to "drop".',
    );
    expect(first.calls).toHaveLength(0);
    expect((await books())[0]).toMatchObject({ status: 'failed', attempts: [] });
  });
});

describe('a parameter that one model cannot honour', () => {
  it('sends the request to the one that can', async () => {
    const { ask, second } = await unequalPair();
    const { model: ref, droppedParameters } = await ask('hello', {}, { seed: 7 });
    expect(ref).toBe('second/b');
    expect(droppedParameters).toEqual([]);
    expect(second.calls[0]?.request.seed).toBe(7);
  });

  it('is left out where the caller allows it, and the answer says so, live, cached and streamed', async () => {
    const { ask, stream, first } = await unequalPair();
    const live = await ask('hello', {}, { seed: 7, ...DROP });
    expect(live).toMatchObject({ model: 'first/a', droppedParameters: ['seed'] });
    expect(first.calls[0]?.request).not.toHaveProperty('seed');
    const again = await stream('hello', {}, { seed: 8, ...DROP });
    expect(again).toMatchObject({ cache: 'hit', droppedParameters: ['seed'] });
    expect((await partsOf(again)).at(-1)).toMatchObject({ answer: { droppedParameters: ['seed'] } });
    const fresh = await stream('other', {}, { seed: 8, ...DROP });
    expect(fresh).toMatchObject({ cache: 'miss', droppedParameters: ['seed'] });
    await partsOf(fresh);
  });

  it('is not shared with a call that may fall back to a model that takes it', async () => {
    const { ask, first } = await unequalPair();
    await Promise.all([ask('hello', {}, { seed: 7, ...DROP }), ask('hello', {}, { seed: 8, ...DROP })]);
    expect(first.calls).toHaveLength(2);
  });
});

describe('a parameter that the vendor turns out to refuse', () => {
  it('is in the answer, and the answer is kept under what was really sent', async () => {
    const { ask, second } = await unequalPair(true);
    const live = await ask('hello', { model: 'second/b' }, { seed: 7, ...DROP });
    expect(live.droppedParameters).toEqual(['seed']);
    expect(await ask('hello', { model: 'second/b' }, { seed: 7 })).toMatchObject({ cache: 'miss' });
    expect(await ask('hello', { model: 'second/b' })).toMatchObject({ cache: 'hit', droppedParameters: [] });
    expect(second.calls).toHaveLength(2);
  });
});

describe('several answers', () => {
  it('count each in the largest cost, and a cost limit is shared among them', async () => {
    const { gateway } = await unequalPair();
    const largest = async (choices: number) => {
      const request = chat('hello', { model: 'second/b' }, { choices, maxOutputTokens: 1_000 });
      return (await gateway.preview(request)).plan.candidates[0]?.costMax ?? 0;
    };
    // 1,000 tokens out cost 2,000,000 nano-dollars.
    expect((await largest(3)) - (await largest(1))).toBe(4_000_000);
    const costMax = nanoUsd(6_000_000);
    const capped = await gateway.preview(chat('hello', { model: 'second/b', costMax }, { choices: 3 }));
    const [candidate] = capped.plan.candidates;
    expect(candidate?.outputTokensCap).toBeGreaterThan(900);
    expect(candidate?.outputTokensCap).toBeLessThan(1_000);
    expect(candidate?.costMax).toBeLessThanOrEqual(costMax);
  });

  it('that are left out cost as one', async () => {
    const { gateway } = await unequalPair();
    const request = chat('hello', { model: 'first/a' }, { choices: 3, maxOutputTokens: 1_000, ...DROP });
    const [candidate] = (await gateway.preview(request)).plan.candidates;
    expect(candidate?.droppedParameters).toEqual(['choices']);
    expect(candidate?.costMax).toBeLessThan(2_100_000);
  });
});
