import fc from 'fast-check';
import { Counter, Histogram, Registry } from 'prom-client';
import { expect, it } from 'vitest';
import {
  type Distribution,
  TalliedCounter,
  TalliedHistogram,
  type Tally,
} from '../../src/telemetry/metrics/tallies.ts';

const COLOURS = ['red', 'green "and" blue'];
const BUCKETS = [0.5, 2, 8];
const BASE = { name: 'm', help: 'a test', labelNames: ['colour'] };

/** A text is a scrape; a pair adds a value to a colour. Eighths, so that sums do not depend on their order. */
const steps = fc.array(
  fc.oneof(
    fc.constant('scrape' as const),
    fc.tuple(
      fc.constantFrom(...COLOURS),
      fc.integer({ min: 0, max: 80 }).map((eighths) => eighths / 8),
    ),
  ),
);

it('counted series say at every scrape what the counters of prom-client say', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      const [ours, theirs] = [new Registry(), new Registry()];
      const tallied = new TalliedCounter(BASE, ours);
      const counter = new Counter({ ...BASE, registers: [theirs] });
      const series = new Map<string, Tally>(COLOURS.map((colour) => [colour, tallied.series({ colour })]));
      for (const step of [...taken, 'scrape' as const]) {
        if (step === 'scrape') expect(await sorted(ours)).toEqual(await sorted(theirs));
        else if (step[1] > 0) {
          series.get(step[0])?.add(step[1]);
          counter.inc({ colour: step[0] }, step[1]);
        }
      }
    }),
  );
});

it('observed series say at every scrape what the histograms of prom-client say', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.boolean(), async (taken, isLabelled) => {
      const [ours, theirs] = [new Registry(), new Registry()];
      const definition = { ...BASE, labelNames: isLabelled ? ['colour'] : [] };
      const tallied = new TalliedHistogram<string>(definition, BUCKETS, ours);
      const histogram = new Histogram<string>({ ...definition, buckets: BUCKETS, registers: [theirs] });
      const plain = isLabelled ? undefined : tallied.series({});
      const series = new Map<string, Distribution>(
        COLOURS.map((colour) => [colour, plain ?? tallied.series({ colour })]),
      );
      for (const step of [...taken, 'scrape' as const]) {
        if (step === 'scrape') expect(await sorted(ours)).toEqual(await sorted(theirs));
        else {
          series.get(step[0])?.observe(step[1]);
          histogram.observe(isLabelled ? { colour: step[0] } : {}, step[1]);
        }
      }
    }),
  );
});

async function sorted(registry: Registry): Promise<readonly string[]> {
  return (await registry.metrics()).split('\n').sort();
}
