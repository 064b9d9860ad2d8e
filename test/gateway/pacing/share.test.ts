import { describe, expect, it, onTestFinished } from 'vitest';
import type { JsonObject } from '../../../src/core/json/json.ts';
import { nanoUsd } from '../../../src/core/money.ts';
import { chat, failure, model } from '../../support/gateway.ts';
import { refusal } from '../../support/scripted-provider.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { MODELS, openPaced, PLAINLY_EASY, PROVEN_HARD, promptOf } from './paced-pair.ts';

type Paced = Awaited<ReturnType<typeof openPaced>>;

async function paced(options: Parameters<typeof openPaced>[0] = {}): Promise<Paced> {
  const harness = await openPaced(options);
  onTestFinished(() => harness.close());
  return harness;
}

async function askAll({ ask }: Pick<Paced, 'ask'>, from: number, to: number): Promise<void> {
  for (let number = from; number < to; number += 1) await ask(promptOf(number), { cache: 'off' });
}

/** What is stored, once everything under way is. */
async function stored({ books, store }: Pick<Paced, 'books' | 'store'>, name = 'pacing/share 0.3') {
  await books();
  return store.states.read(name) as (JsonObject & { readonly seen: number; readonly credit: number }) | undefined;
}

describe('a strong share of 30 %', () => {
  it('holds over requests of every kind, and says how each came to its side', async () => {
    const gateway = await paced();
    await askAll(gateway, 0, 200);
    expect(gateway.strongShare()).toBeGreaterThan(0.27);
    expect(gateway.strongShare()).toBeLessThan(0.33);
    const { plan } = await gateway.ask(PROVEN_HARD, { cache: 'off' });
    expect(plan.pacing).toMatchObject({ side: 'strong', shareMax: 0.3 });
    expect(plan.reason).toMatch(/within the strong share \(threshold 0\.\d+, share 0\.\d+ of 0\.3\); strong\/large is/);
    const reasons = gateway.events.map((event) => event.plan.reason);
    expect(reasons.filter((reason) => reason.includes('held back by the cost target (threshold 0.'))).not.toEqual([]);
    expect(gateway.events.at(-1)?.plan.pacing).toEqual(plan.pacing);
  });

  it('holds where every request is the same hard one', async () => {
    const gateway = await paced();
    for (let number = 0; number < 100; number += 1) await gateway.ask(PROVEN_HARD, { cache: 'off' });
    expect(gateway.large.calls.length).toBeGreaterThanOrEqual(24);
    expect(gateway.large.calls.length).toBeLessThanOrEqual(36);
  });

  it('holds for requests that come all at once, whole and streamed', async () => {
    const gateway = await paced();
    const signal = new AbortController().signal;
    await Promise.all(
      Array.from({ length: 50 }, async (_, number) => {
        const request = chat(`${PROVEN_HARD} (${number})`, { cache: 'off' });
        if (number % 2 === 0) return await gateway.gateway.complete(request, { signal });
        for await (const _part of (await gateway.gateway.stream(request, { signal })).parts);
        return undefined;
      }),
    );
    expect(gateway.large.calls.length).toBeGreaterThanOrEqual(9);
    expect(gateway.large.calls.length).toBeLessThanOrEqual(21);
    expect((await stored(gateway))?.seen).toBe(50);
  });

  it('is not used up by looking: a preview is the live decision, and changes nothing', async () => {
    const gateway = await paced();
    await askAll(gateway, 0, 20);
    const before = await stored(gateway);
    const previews = await Promise.all(
      Array.from({ length: 30 }, () => gateway.gateway.preview(chat(PROVEN_HARD, { cache: 'off' }))),
    );
    expect(await stored(gateway)).toEqual(before);
    const { plan } = await gateway.ask(PROVEN_HARD, { cache: 'off' });
    for (const preview of previews) expect(preview.plan).toEqual(plan);
  });

  it('is not used up by the cache, nor by a call that others were waiting for', async () => {
    const gateway = await paced({ table: { costTarget: { type: 'share', shareMax: 1 } } });
    await gateway.ask(PROVEN_HARD);
    for (let again = 0; again < 5; again += 1) {
      expect((await gateway.ask(PROVEN_HARD)).cache).toBe('hit');
      const opened = await gateway.stream(PROVEN_HARD);
      for await (const _part of opened.parts);
    }
    await Promise.all([gateway.ask('Why is the sky blue?'), gateway.ask('Why is the sky blue?')]);
    expect(gateway.large.calls).toHaveLength(2);
    expect((await stored(gateway, 'pacing/share 1'))?.seen).toBe(2);
  });

  it('leaves alone who names a model, a tier or a task, or wants quality, and counts none of them', async () => {
    const gateway = await paced({
      table: { costTarget: { type: 'share', shareMax: 0 }, tasks: { code: ['strong/large'] } },
    });
    const modelsOf = [
      { model: 'strong/large' },
      { provider: 'strong' },
      { tier: 'expert' },
      { task: 'code' },
      { strategy: 'quality' },
    ] as const;
    for (const hints of modelsOf) {
      const { model: ref, plan } = await gateway.ask(PROVEN_HARD, { ...hints, cache: 'off' });
      expect([hints, ref, plan.pacing]).toEqual([hints, 'strong/large', undefined]);
    }
    expect((await gateway.ask(PROVEN_HARD, { cache: 'off' })).model).toBe('cheap/small');
    expect((await stored(gateway, 'pacing/share 0'))?.seen).toBe(1);
  });

  it('is none of small talk, which stays trivial', async () => {
    const gateway = await paced({ table: { costTarget: { type: 'share', shareMax: 1 } } });
    const { plan } = await gateway.ask('Hello!', { cache: 'off' });
    expect(plan).toMatchObject({ tier: 'trivial' });
    expect(plan.pacing).toBeUndefined();
    expect((await gateway.ask(PLAINLY_EASY, { cache: 'off' })).plan.reason).toContain(
      'the strong share has room for it',
    );
    expect((await stored(gateway, 'pacing/share 1'))?.seen).toBe(1);
  });

  it('counts who answered: a fallback to the cheap model is not strong', async () => {
    const down = refusal('provider_error', 'down', { status: 500 });
    const gateway = await paced({
      strong: () => down,
      table: { costTarget: { type: 'share', shareMax: 0.5 }, fallback: ['cheap/small'] },
    });
    expect((await gateway.ask(PROVEN_HARD, { cache: 'off' })).model).toBe('cheap/small');
    expect(await stored(gateway, 'pacing/share 0.5')).toMatchObject({
      credit: 0.5,
      recent: { requests: 1, strong: 0 },
    });
  });

  it('counts an escalation as strong, and makes up for it', async () => {
    const verify = {
      tasks: 'all',
      tiers: ['simple', 'medium', 'complex', 'expert'],
      peer: false,
      threshold: 0,
    } as const;
    const gateway = await paced({ table: { verify, costTarget: { type: 'share', shareMax: 0.1 } } });
    for (let number = 0; number < 10; number += 1) await gateway.ask(`What is 17 * 23? (${number})`, { cache: 'off' });
    const escalated = gateway.events.filter(({ verification }) => verification?.outcome === 'escalated').length;
    const direct = gateway.events.filter(({ plan }) => plan.pacing?.side === 'strong').length;
    expect(escalated).toBeGreaterThan(0);
    const state = await stored(gateway, 'pacing/share 0.1');
    expect(state?.recent).toEqual({ requests: 10, strong: escalated + direct });
    expect(state?.credit).toBeCloseTo(1 - escalated - direct, 6);
  });

  it('is not used up by a request that nobody was asked for', async () => {
    const gateway = await paced();
    await failure(gateway.ask(PROVEN_HARD, { cache: 'off', costMax: nanoUsd(1) }));
    expect(await stored(gateway)).toMatchObject({ seen: 0, recent: { requests: 0 } });
  });
});

describe('several processes on one data folder', () => {
  it('hold the share together', async () => {
    const dataDir = temporaryFolder();
    const two = [await paced({ dataDir }), await paced({ dataDir })] as const;
    // One gets the hard requests and the other the easy ones, at the same time.
    const hard = async () => {
      for (let number = 0; number < 75; number += 1) await two[0].ask(`${PROVEN_HARD} (${number})`, { cache: 'off' });
    };
    await Promise.all([hard(), askAll(two[1], 0, 75)]);
    const strong = two[0].large.calls.length + two[1].large.calls.length;
    expect(strong / 150).toBeGreaterThan(0.25);
    expect(strong / 150).toBeLessThan(0.35);
    const states = [await stored(two[0]), await stored(two[1])];
    expect(states[0]).toEqual(states[1]);
    expect(states[0]).toMatchObject({ seen: 150, recent: { requests: 150, strong } });
  });

  it('see at once what another one spent', async () => {
    const dataDir = temporaryFolder();
    const two = [await paced({ dataDir }), await paced({ dataDir })] as const;
    for (let number = 0; number < 30; number += 1) await two[0].ask(`${PROVEN_HARD} (${number})`, { cache: 'off' });
    await stored(two[0]);
    const [own, other] = await Promise.all(two.map(({ gateway }) => gateway.preview(chat(PROVEN_HARD))));
    expect(other).toEqual(own);
  });

  it('go on after a restart where they were', async () => {
    const dataDir = temporaryFolder();
    const before = await openPaced({ dataDir });
    await askAll(before, 0, 40);
    const state = await stored(before);
    const { plan } = await before.gateway.preview(chat(PROVEN_HARD));
    await before.close();
    const after = await paced({ dataDir });
    expect(after.store.states.read('pacing/share 0.3')).toEqual(state);
    expect((await after.gateway.preview(chat(PROVEN_HARD))).plan).toEqual(plan);
  });

  it('begin anew with another share', async () => {
    const dataDir = temporaryFolder();
    await askAll(await paced({ dataDir }), 0, 20);
    const other = await paced({ dataDir, table: { costTarget: { type: 'share', shareMax: 0.6 } } });
    expect((await other.ask(PROVEN_HARD, { cache: 'off' })).plan.pacing).toMatchObject({ threshold: 0.4, share: 0 });
  });
});

describe('a sum of money for a thousand requests', () => {
  const costs = (usd: number) => ({ costTarget: { type: 'cost', costMax: nanoUsd(usd * 1_000_000) } }) as const;
  const priced = (ref: 'cheap/small' | 'strong/large', times: number) => {
    const { price } = MODELS.find((one) => one.ref === ref) as (typeof MODELS)[number];
    const tier = price?.tiers[0];
    if (!price || !tier) throw new Error('a model without price');
    const { inputPerMTok, outputPerMTok } = tier;
    const scaled = { ...tier, inputPerMTok: times * inputPerMTok, outputPerMTok: times * outputPerMTok };
    return model(ref, { capabilities: ['tools'], price: { ...price, tiers: [scaled as typeof tier] } });
  };

  it('is held by what requests do cost, however wrong the estimate was', async () => {
    // 10 tokens in and 5 out cost 0.02 dollars a thousand times on the small one, and 2 on the large one.
    const models = [priced('cheap/small', 1), priced('strong/large', 100)];
    const gateway = await paced({ models, table: costs(0.5) });
    await askAll(gateway, 0, 250);
    const spent = gateway.events.slice(50).reduce((sum, { costNanoUsd }) => sum + (costNanoUsd ?? Number.NaN), 0);
    expect(spent / 200 / 1_000_000).toBeGreaterThan(0.4);
    expect(spent / 200 / 1_000_000).toBeLessThan(0.6);
  });

  it('that the cheap side exceeds alone leaves nothing to the strong side', async () => {
    const gateway = await paced({ table: costs(0.000_001) });
    await askAll(gateway, 0, 10);
    expect(gateway.large.calls).toHaveLength(0);
  });

  it('is not held where a price is unknown, which the reason says', async () => {
    const { price: _unknown, ...unpriced } = model('strong/large');
    const gateway = await paced({ models: [model('cheap/small'), unpriced], table: costs(0.5) });
    const { plan, model: answered } = await gateway.ask(PROVEN_HARD, { cache: 'off' });
    expect(answered).toBe('strong/large');
    expect(plan.reason).toContain('not held to the cost target, since the price of a model is unknown');
  });
});
