import { expect, it } from 'vitest';
import { answer, createScriptedProvider, type Step } from '../../support/scripted-provider.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { open } from './waiting-gateway.ts';

it.each([1, 2, 3, 4])(
  'many tenants that come, wait and leave keep every bound and leave nothing behind (seed %i)',
  async (seed) => {
    const random = seededRandom(seed);
    const load = { first: 0, second: 0 };
    const most = { first: 0, second: 0 };
    const provider = (id: 'first' | 'second') =>
      createScriptedProvider(id, (_request, _call, { signal }): readonly Step[] => {
        load[id] += 1;
        most[id] = Math.max(most[id], load[id]);
        const gate = new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, 15 * random());
          signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
          signal.addEventListener('abort', () => resolve(), { once: true });
        }).finally(() => {
          load[id] -= 1;
        });
        return [{ type: 'sent' }, { type: 'gate', gate }, ...answer(`from ${id}`).slice(1)];
      });
    const { ask, books } = await open({
      providers: [provider('first'), provider('second')],
      slots: { limitMax: 3, limitMin: 1 },
      rateLimits: [
        {
          name: 'narrow',
          scope: { by: 'provider', value: 'first' },
          window: { type: 'rolling', lengthMs: 60_000 },
          concurrency: 2,
        },
      ],
      limits: { queue: { max: 40, waitMs: 5_000 } },
    });
    const ends: Promise<string>[] = [];
    for (let number = 0; number < 120; number += 1) {
      const controller = new AbortController();
      const tenant = `tenant ${Math.floor(3 * random() ** 2)}`;
      if (random() < 0.25) setTimeout(() => controller.abort(), 60 * random());
      ends.push(
        ask(String(number), tenant, controller.signal).then(
          () => 'success',
          (error: { readonly code: string }) => error.code,
        ),
      );
      if (random() < 0.1) await new Promise((resolve) => setTimeout(resolve, 20 * random()));
    }
    const told = await Promise.all(ends);
    expect([...new Set(told)].filter((end) => !['success', 'cancelled', 'rate_limited'].includes(end))).toEqual([]);
    expect(told.filter((end) => end === 'success').length).toBeGreaterThan(40);
    expect(most.first).toBeLessThanOrEqual(2);
    expect(most.second).toBeLessThanOrEqual(3);
    const statuses = (await books()).map(({ status }) => status);
    expect(statuses.filter((status) => status === 'success')).toHaveLength(
      told.filter((end) => end === 'success').length,
    );
  },
);
