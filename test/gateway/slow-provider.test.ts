import { afterEach, expect, it } from 'vitest';
import type { RoutingHints } from '../../src/core/request.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import { chat, model, openGateway } from '../support/gateway.ts';
import { answer, createScriptedProvider } from '../support/scripted-provider.ts';
import { until } from '../support/until.ts';

let close: (() => Promise<void>) | undefined;
afterEach(() => close?.());

/** A provider that answers in its own time, and knows how many it has at once. */
function timed(id: string, clock: FakeClock, pace: { latencyMs: number }) {
  const load = { now: 0, max: 0, begun: 0, ended: 0 };
  const provider = createScriptedProvider(id, () => {
    load.begun += 1;
    load.now += 1;
    load.max = Math.max(load.max, load.now);
    const gate = clock.sleep(pace.latencyMs).then(() => {
      load.now -= 1;
      load.ended += 1;
    });
    return [{ type: 'sent' }, { type: 'gate', gate }, ...answer(`from ${id}`).slice(1)];
  });
  return { provider, load };
}

it.each([10, 25])(
  'a provider that becomes %i times slower gets fewer at once, and takes nobody down with it',
  async (factor) => {
    const clock = createFakeClock();
    const pace = { latencyMs: 30 };
    const slow = timed('slow', clock, pace);
    const other = timed('other', clock, { latencyMs: 20 });
    const { gateway, waiting, ...harness } = await openGateway({
      providers: [slow.provider, other.provider],
      models: [model('slow/m'), model('other/m')],
      clock,
    });
    close = harness.close;
    const limitOf = (target: string) => waiting.slots.loads().find((one) => one.target === target)?.limit ?? 0;
    let asked = 0;
    let answered = 0;

    function askFor(hints: Partial<RoutingHints>): Promise<string> {
      asked += 1;
      const { signal } = new AbortController();
      const given = gateway.complete(chat('any', { cache: 'off', ...hints }), { signal });
      return given.then((one) => one.model).finally(() => (answered += 1));
    }

    /** Lets time pass when all that the time before has brought about has happened, however long this machine takes. */
    async function pass(spanMs: number): Promise<void> {
      await until(() => slow.load.begun + other.load.begun + waiting.line.length === asked);
      await clock.advance(spanMs);
      await until(() => slow.load.ended + other.load.ended === answered);
    }

    /** Requests come at their own pace, whatever becomes of those before: half for any model, half for the other one. */
    async function traffic(spanMs: number) {
      const answers: Promise<string>[] = [];
      let waitedMax = 0;
      for (let passedMs = 0; passedMs < spanMs; passedMs += 20) {
        answers.push(askFor({}), askFor({ model: 'other/m' }));
        waitedMax = Math.max(waitedMax, waiting.line.length);
        for (let count = 0; count < 2; count += 1) await pass(10);
      }
      while (answered < asked) await pass(10);
      const models = await Promise.all(answers);
      return { waitedMax, slowCount: models.filter((name) => name === 'slow/m').length, count: models.length };
    }

    const well = await traffic(1_500);
    expect(limitOf('slow/m')).toBe(1_000);
    expect(well.slowCount).toBe(well.count / 2);

    pace.latencyMs *= factor;
    const falling = await traffic(5_000);
    slow.load.max = slow.load.now;
    const settled = await traffic(1_500);

    // What was 15 at once and more is 4 now; nobody has failed, the others have taken over.
    expect(slow.load.max).toBeLessThanOrEqual(8);
    expect(limitOf('slow/m')).toBeLessThanOrEqual(8);
    expect(limitOf('other/m')).toBe(1_000);
    expect(settled.slowCount).toBeLessThan(settled.count / 2);
    expect(settled.slowCount).toBeGreaterThan(0);
    // Who asks for the other one goes straight to it, as before.
    expect([well.waitedMax, falling.waitedMax, settled.waitedMax]).toEqual([0, 0, 0]);

    pace.latencyMs /= factor;
    await traffic(3_000);
    const again = await traffic(500);
    expect(again.slowCount).toBe(again.count / 2);
  },
);
