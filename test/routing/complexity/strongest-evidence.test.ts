import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Evidence } from '../../../src/core/route-plan.ts';
import { addByStrength, EVIDENCE_MAX, StrongestEvidence } from '../../../src/routing/complexity/strongest-evidence.ts';

const weights = fc.array(fc.integer({ min: -5, max: 5 }), { maxLength: 30 });

describe('the strongest evidence', () => {
  it('is what sorting all of it by strength begins with, equals as they came', () => {
    fc.assert(
      fc.property(weights, (given) => {
        const all = given.map((weight, at): Evidence => ({ feature: `feature ${at}`, value: at, weight }));
        const kept: Evidence[] = [];
        for (const one of all) addByStrength(kept, one);
        const sorted = all.toSorted((left, right) => Math.abs(right.weight) - Math.abs(left.weight));
        expect(kept).toEqual(sorted.slice(0, EVIDENCE_MAX));
      }),
    );
  });

  it('leaves out what moves nothing, and joins what is told of the base', () => {
    const evidence = new StrongestEvidence();
    evidence.add('base', 1, 0.1);
    evidence.add('task', 'explain', 0.2);
    evidence.add('length', 12.34567, 0.0004);
    evidence.add('numbers', 2.34567, -0.30004);
    evidence.add('base', 1, 0.15);
    expect(evidence.take()).toEqual([
      { feature: 'numbers', value: 2.346, weight: -0.3 },
      { feature: 'base', value: 1, weight: 0.25 },
      { feature: 'task', value: 'explain', weight: 0.2 },
    ]);
  });
});
