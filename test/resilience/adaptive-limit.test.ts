import { describe, expect, it } from 'vitest';
import {
  type AdaptiveLimitOptions,
  type AttemptSign,
  createAdaptiveLimits,
} from '../../src/resilience/adaptive-limit.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { seededRandom } from '../support/seeded-random.ts';

const TARGET = 'openai/gpt-4o';

/** A target that answers in its own time, asked by so many at once. */
function setUp(options?: Partial<AdaptiveLimitOptions>) {
  const clock = createFakeClock();
  const freed: string[] = [];
  const own = { isBusy: false };
  const limits = createAdaptiveLimits({
    clock,
    onFree: (target) => freed.push(target),
    isBusy: () => own.isBusy,
    ...(options && { options }),
  });
  const load = (target = TARGET) => limits.loads().find((one) => one.target === target);

  /** Rounds of `wanted` callers each; tells how many of them were let in, round by round. */
  async function rounds(count: number, wanted: number, sign: (round: number) => AttemptSign, target = TARGET) {
    const letIn: number[] = [];
    for (let round = 0; round < count; round += 1) {
      const taken = Array.from({ length: wanted }, () => limits.take(target)).filter((slot) => slot !== undefined);
      letIn.push(taken.length);
      await clock.advance(1_000);
      for (const release of taken) release([sign(round)]);
    }
    return letIn;
  }
  return { clock, freed, limits, load, rounds, own };
}

function answered(latencyMs: number, inputTokens = 500): AttemptSign {
  return { type: 'answered', samples: [{ kind: 'first', latencyMs, inputTokens, outputTokens: 100 }] };
}

describe('the limit of a target', () => {
  it('is far away as long as nothing is known against it, and never keeps a few from going on', async () => {
    const { rounds, limits } = setUp();
    expect(await rounds(1, 300, () => answered(200))).toEqual([300]);
    await rounds(50, 20, () => ({ type: 'strained' }));
    expect(await rounds(3, 4, () => answered(5_000))).toEqual([4, 4, 4]);
    expect(limits.take('another/model')).toBeDefined();
  });

  it.each([5, 10, 40])(
    'falls when a target becomes %i times slower, and comes back when that is over',
    async (factor) => {
      const { rounds, load } = setUp();
      expect(await rounds(10, 40, () => answered(200))).toEqual(Array.from({ length: 10 }, () => 40));
      await rounds(20, 40, () => answered(200 * factor));
      expect(load()?.limit).toBe(4);
      await rounds(30, 40, () => answered(200));
      expect(load()?.limit).toBeGreaterThanOrEqual(40);
    },
  );

  it('stays where it is when answers differ as questions do', async () => {
    const { rounds, load } = setUp();
    const random = seededRandom(7);
    // Half of them think, and take from as long to forty times as long.
    await rounds(100, 40, () => answered(200 * (random() < 0.5 ? 1 : 40 ** random())));
    expect(load()?.limit).toBe(1_000);
  });

  it('compares long prompts with long prompts', async () => {
    const { rounds, load } = setUp();
    await rounds(20, 40, () => answered(200, 300));
    await rounds(20, 40, () => answered(9_000, 120_000));
    expect(load()?.limit).toBe(1_000);
  });

  it('does not take a few milliseconds of our own for the slowness of a fast target', async () => {
    const { rounds, load } = setUp();
    await rounds(20, 40, () => answered(5));
    await rounds(20, 40, () => answered(90));
    expect(load()?.limit).toBe(1_000);
  });

  it('does not fall when it is this process that is slow, but still when the target says it is too much', async () => {
    const { rounds, load, own } = setUp();
    await rounds(20, 40, () => answered(20));
    own.isBusy = true;
    await rounds(20, 40, () => answered(900));
    expect(load()?.limit).toBe(1_000);
    await rounds(1, 40, () => ({ type: 'strained' }));
    expect(load()?.limit).toBe(28);
    await rounds(20, 40, () => answered(900));
    expect(load()?.limit).toBeGreaterThanOrEqual(40);
  });

  it('is lowered once by all that was under way when the target said it is too much', async () => {
    const { rounds, load } = setUp();
    await rounds(1, 100, () => ({ type: 'strained' }));
    expect(load()?.limit).toBe(70);
    await rounds(1, 100, () => ({ type: 'strained' }));
    expect(load()?.limit).toBe(49);
  });

  it('does not fall by single failures, but when most fail', async () => {
    const { rounds, load } = setUp();
    let count = 0;
    const everyThird = (): AttemptSign => {
      count += 1;
      return count % 3 === 0 ? { type: 'failed' } : answered(200);
    };
    await rounds(20, 30, everyThird);
    expect(load()?.limit).toBe(1_000);
    await rounds(1, 30, () => ({ type: 'failed' }));
    expect(load()?.limit).toBeLessThan(30);
  });

  it('does not change by what callers do', async () => {
    const { rounds, load } = setUp();
    await rounds(20, 50, () => ({ type: 'silent' }));
    expect(load()?.limit).toBe(1_000);
  });

  it('takes a lasting slowness for what the target is after some minutes', async () => {
    const { rounds, load } = setUp();
    await rounds(60, 40, () => answered(200));
    await rounds(60, 40, () => answered(2_000));
    expect(load()?.limit).toBe(4);
    await rounds(700, 40, () => answered(2_000));
    expect(load()?.limit).toBeGreaterThanOrEqual(40);
  });

  it('is forgotten when nobody has used the target for five minutes', async () => {
    const { rounds, load, clock, limits } = setUp();
    await rounds(10, 50, () => ({ type: 'strained' }));
    expect(load()?.limit).toBeLessThan(10);
    await clock.advance(300_001);
    expect(load()).toBeUndefined();
    expect(limits.take(TARGET)).toBeDefined();
    expect(load()?.limit).toBe(1_000);
  });

  it('is one for each target', async () => {
    const { rounds, load } = setUp();
    await rounds(10, 50, () => ({ type: 'strained' }));
    await rounds(10, 50, () => answered(200), 'other/model');
    expect(load('other/model')?.limit).toBe(1_000);
  });
});

describe('a place at a target', () => {
  it('is given back once, and its being free is told', async () => {
    const { limits, freed, load } = setUp({ limitMax: 2, limitMin: 1 });
    const [first, second] = [limits.take(TARGET), limits.take(TARGET)];
    expect(limits.take(TARGET)).toBeUndefined();
    first?.([]);
    first?.([]);
    expect(load()).toEqual({ target: TARGET, limit: 2, inFlight: 1 });
    expect(freed).toEqual([TARGET]);
    second?.([]);
    expect(load()?.inFlight).toBe(0);
  });

  it('is there for who goes on with what he began', () => {
    const { limits } = setUp({ limitMax: 1, limitMin: 1 });
    limits.take(TARGET);
    expect(limits.take(TARGET)).toBeUndefined();
    expect(limits.take(TARGET, true)).toBeDefined();
  });

  it('is promised by how long those before take', async () => {
    const { limits, clock } = setUp({ limitMax: 2, limitMin: 1 });
    const release = limits.take(TARGET);
    await clock.advance(20_000);
    release?.([]);
    expect(limits.waitMs(TARGET, 0)).toBe(10_000);
    expect(limits.waitMs(TARGET, 3)).toBe(40_000);
    expect(limits.waitMs('never/used', 3)).toBe(1_000);
  });

  it('costs no memory for ever, whatever names are asked for', async () => {
    const { limits, clock } = setUp();
    for (let number = 0; number < 5_000; number += 1) {
      limits.take(`any/${number}`)?.([]);
      await Promise.resolve();
    }
    await clock.advance(300_001);
    limits.take('one/more');
    expect(limits.loads()).toHaveLength(1);
  });
});
