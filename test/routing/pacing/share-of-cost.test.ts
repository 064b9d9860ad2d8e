import { describe, expect, it } from 'vitest';
import { nanoUsd } from '../../../src/core/money.ts';
import { addEvent, PACING_START, type PacingState, type Side } from '../../../src/routing/pacing/pacing-state.ts';
import { shareOfCost } from '../../../src/routing/pacing/share-of-cost.ts';

const expected = () => ({ cheap: nanoUsd(100), strong: nanoUsd(1_100) });
const costing = (side: Side, actual: number, times: number, expectedCost = actual) =>
  Array.from(
    { length: times },
    () =>
      ({
        type: 'answered',
        decided: side,
        answered: side,
        cost: { actual, expected: expectedCost },
      }) as const,
  );
const after = (...events: readonly (readonly Parameters<typeof addEvent>[1][])[]) =>
  events.flat().reduce<PacingState>(addEvent, PACING_START);

describe('the share that a sum of money allows', () => {
  it('follows from what both sides are expected to cost', () => {
    expect(shareOfCost(nanoUsd(400), PACING_START, expected)).toBeCloseTo(0.3, 9);
    expect(shareOfCost(nanoUsd(90), PACING_START, expected)).toBe(0);
    expect(shareOfCost(nanoUsd(1_100), PACING_START, expected)).toBe(1);
  });

  it('is unknown where a price is', () => {
    expect(shareOfCost(nanoUsd(400), PACING_START, () => ({ cheap: nanoUsd(100) }))).toBeUndefined();
    expect(shareOfCost(nanoUsd(400), PACING_START, () => ({ strong: nanoUsd(100) }))).toBeUndefined();
  });

  it('follows what requests did cost, once there were some of both sides', () => {
    const some = after(costing('cheap', 200, 60), costing('strong', 4_200, 5));
    const nobody = () => {
      throw new Error('nobody is to be asked');
    };
    expect(shareOfCost(nanoUsd(1_000), some, nobody)).toBeCloseTo(0.2, 9);
    const changed = [...costing('strong', 2_200, 400)].reduce<PacingState>(addEvent, some);
    expect(shareOfCost(nanoUsd(1_000), changed, nobody)).toBeCloseTo(0.4, 2);
  });

  it('expects of a side that was not tried what the other one taught', () => {
    const shorter = after(costing('cheap', 10, 5, 100));
    expect(shareOfCost(nanoUsd(40), shorter, expected)).toBeCloseTo(0.3, 9);
  });

  it('is not thrown off by the first request alone', () => {
    const odd = after(costing('strong', 100_000, 1));
    expect(shareOfCost(nanoUsd(400), odd, expected)).toBeGreaterThan(0.01);
  });
});
