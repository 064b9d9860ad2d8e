import { afterEach, expect, it } from 'vitest';
import { chat, model, openGateway } from '../support/gateway.ts';
import { answer, createScriptedProvider } from '../support/scripted-provider.ts';

let close: (() => Promise<void>) | undefined;
afterEach(() => close?.());

/** A provider that answers in its own time, and knows how many it has at once. */
function timed(id: string, pace: { latencyMs: number }) {
  const load = { now: 0, max: 0 };
  const provider = createScriptedProvider(id, () => {
    load.now += 1;
    load.max = Math.max(load.max, load.now);
    const gate = new Promise<void>((resolve) =>
      setTimeout(() => {
        load.now -= 1;
        resolve();
      }, pace.latencyMs),
    );
    return [{ type: 'sent' }, { type: 'gate', gate }, ...answer(`from ${id}`).slice(1)];
  });
  return { provider, load };
}

it.each([10, 25])(
  'a provider that becomes %i times slower gets fewer at once, and takes nobody down with it',
  async (factor) => {
    const pace = { latencyMs: 30 };
    const slow = timed('slow', pace);
    const other = timed('other', { latencyMs: 20 });
    const { gateway, waiting, ...harness } = await openGateway({
      providers: [slow.provider, other.provider],
      models: [model('slow/m'), model('other/m')],
    });
    close = harness.close;
    const limitOf = (target: string) => waiting.slots.loads().find((one) => one.target === target)?.limit ?? 0;

    /** Requests come at their own pace, whatever becomes of those before: half for any model, half for the other one. */
    async function traffic(spanMs: number) {
      const answers: Promise<string>[] = [];
      let waitedMax = 0;
      const endsAtMs = performance.now() + spanMs;
      while (performance.now() < endsAtMs) {
        const signal = new AbortController().signal;
        answers.push(gateway.complete(chat('any', { cache: 'off' }), { signal }).then((one) => one.model));
        const forced = gateway.complete(chat('this', { cache: 'off', model: 'other/m' }), { signal });
        answers.push(forced.then((one) => one.model));
        waitedMax = Math.max(waitedMax, waiting.line.length);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
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
  30_000,
);
