import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProviderKind } from '../../src/core/model.ts';
import { describeAnswers } from './contract-answers.ts';
import { describeExtras } from './contract-extras.ts';
import { describeFailures } from './contract-failures.ts';
import { describeOddValues } from './contract-odd-values.ts';
import { describeParameters } from './contract-parameters.ts';
import { describeStreams } from './contract-streams.ts';
import { type Bench, type ProviderHarness, setUpBench } from './harness.ts';

/** Declares one case; `bench` is ready when it runs. */
export type Check = (name: string, run: (bench: Bench) => Promise<void>) => void;

/**
 * What every provider must do, over a fake upstream that speaks its vendor's wire. A case is
 * skipped only with a written reason, and a skip that fits no case fails.
 */
export function describeProvider(kind: ProviderKind, harness: ProviderHarness): void {
  describe(`provider ${kind}`, () => {
    let bench: Bench;
    const names = new Set<string>();
    beforeAll(async () => {
      bench = await setUpBench(kind, harness);
    });
    afterAll(() => bench.close());

    const check: Check = (name, run) => {
      names.add(name);
      const reason = harness.skips?.[name];
      if (reason === undefined) it(name, () => run(bench));
      else it.skip(`${name} (${reason})`, () => {});
    };
    describeAnswers(check, harness);
    describeFailures(check, harness);
    describeStreams(check, harness);
    describeParameters(check, harness);
    describeExtras(check, harness);
    describeOddValues(check);

    it('skips only cases that exist', () => {
      expect(Object.keys(harness.skips ?? {}).filter((name) => !names.has(name))).toEqual([]);
    });
  });
}
