import { describe, expect, it } from 'vitest';
import type { Reading } from '../../../src/app/alerts/advance.ts';
import { readAlerts, writeAlerts } from '../../../src/app/alerts/alerts-state.ts';
import { QueueLengths } from '../../../src/app/alerts/queue-lengths.ts';
import type { JsonObject } from '../../../src/core/json/json.ts';
import type { SharedStates } from '../../../src/core/ports.ts';
import { loud } from '../../support/store.ts';
import { rule } from './rules.ts';
import { createWorld, HOOK, MINUTE_MS, pass, startProcess } from './world.ts';

describe('alerts of several processes', () => {
  it('are told of once: in one log, and once to each webhook', async () => {
    const world = createWorld();
    const other = { url: 'https://other.example.com/', allow: [] };
    const rules = [rule({ forMs: MINUTE_MS, severity: 'critical', webhooks: [HOOK, other] })];
    const processes = await Promise.all(Array.from({ length: 4 }, () => startProcess(world, rules)));
    world.value = 0.5;
    await pass(world, processes, 5);
    world.value = 0;
    await pass(world, processes, 5);
    const told = processes.flatMap((one) => one.told());
    expect(told).toEqual([
      'error: alert "test": 50 % of the requests failed in the last 5 min; the limit is 20 %.',
      'warn: alert "test" is over: The error rate is back to normal after 5 min: now 0 %.',
    ]);
    expect(world.sent).toHaveLength(4);
    expect(new Set(world.sent.map(({ id }) => id)).size).toBe(2);
  });

  it('go on after the one that found them is gone', async () => {
    const world = createWorld();
    const rules = [rule({ forMs: 2 * MINUTE_MS })];
    const first = await startProcess(world, rules);
    world.value = 0.5;
    await pass(world, [first], 1);
    await first.watch.close();
    const second = await startProcess(world, rules);
    await pass(world, [second], 2);
    expect([first.told().length, second.told().length]).toEqual([0, 1]);
  });

  it('are left to a service where one runs, and taken over when it is gone', async () => {
    const world = createWorld();
    const rules = [rule()];
    const service = await startProcess(world, rules, { role: 'service' });
    const client = await startProcess(world, rules);
    await service.watch.look();
    world.value = 0.5;
    await pass(world, [client], 2);
    expect(client.told()).toEqual([]);
    await pass(world, [client, service], 1);
    expect([client.told().length, service.told().length]).toEqual([0, 1]);
    world.value = 0;
    await pass(world, [client], 5);
    expect(client.told()).toEqual([expect.stringContaining('is over')]);
  });

  it('reach all that listen, whoever found them', async () => {
    const world = createWorld();
    const [finder, other] = await Promise.all([startProcess(world, [rule()]), startProcess(world, [])]);
    let heard = 0;
    const stop = other.watch.onChange(() => {
      heard += 1;
    });
    await other.watch.look();
    expect(heard).toBe(0);
    world.value = 0.5;
    await finder.watch.look();
    await other.watch.look();
    await other.watch.look();
    expect(heard).toBe(1);
    expect(other.watch.report('local').alerts).toMatchObject([{ name: 'test', status: 'firing', value: 0.5 }]);
    world.value = 0;
    await pass(world, [finder], 2);
    expect(other.watch.report('local')).toMatchObject({
      alerts: [],
      recent: [{ type: 'resolved' }, { type: 'firing' }],
    });
    stop();
  });

  it('are not written while all is well, but for a service that says once a minute that it watches', async () => {
    const world = createWorld();
    const writes = { service: 0, client: 0 };
    const counted = async (role: 'service' | 'client') => {
      const { store } = await startProcess(world, []);
      const states: SharedStates = {
        read: (name) => store.states.read(name),
        update(name, change) {
          writes[role] += 1;
          return store.states.update(name, change);
        },
      };
      return startProcess(world, [rule()], { role, states });
    };
    await pass(world, [await counted('client')], 10);
    await pass(world, [await counted('service')], 10);
    expect(writes).toEqual({ client: 0, service: 10 });
  });

  it('stand in the log in fields that programs can read', async () => {
    const world = createWorld();
    const one = await startProcess(world, [rule({}, { provider: '*' })], {
      read: async (rules, nowMs) => ({
        rules,
        nowMs,
        readings: rules.flatMap((each): Reading[] => [
          { rule: each, key: 'groq', value: 0.5, audience: 'all' },
          { rule: each, key: '', audience: 'all', ...(world.value !== undefined && { value: world.value }) },
        ]),
      }),
    });
    world.value = 0.25;
    await one.watch.look();
    world.value = undefined;
    await pass(world, [one], 2);
    const shared = { event: 'alert', alert: 'test', severity: 'warning', metric: 'error_rate', limit: 0.2 };
    expect(one.logger.lines.map(({ fields }) => fields).filter((fields) => 'event' in fields)).toEqual([
      { ...shared, status: 'firing', key: 'groq', value: 0.5 },
      { ...shared, status: 'firing', value: 0.25 },
      { ...shared, status: 'resolved' },
    ]);
  });
});

it('an alert is not told of while that cannot be noted: it would be with every look', async () => {
  const world = createWorld();
  const one = await startProcess(world, [rule()]);
  const full: SharedStates = {
    read: () => undefined,
    async update(_name, change) {
      change(undefined);
      return false;
    },
  };
  const other = await startProcess(world, [rule()], { states: full });
  world.value = 0.5;
  await pass(world, [other], 2);
  expect(other.told()).toEqual([]);
  await pass(world, [one], 2);
  expect(one.told()).toHaveLength(1);
});

it.each([
  {},
  { entries: 'many' },
  { entries: [1] },
  { notices: {} },
  { outbox: [null] },
  { sequence: 1.5 },
  { serviceAtMs: '0' },
])('a state of alerts that no version of ours has written, such as %j, is none', (wrong) => {
  const none = readAlerts(undefined);
  expect(readAlerts({ ...(Object.keys(wrong).length > 0 && writeAlerts(none)), ...wrong } as JsonObject)).toEqual(none);
});

describe('what a tenant reads of alerts', () => {
  it.each([
    ['all', ['local', 'anna', 'bert']],
    ['operator', ['local']],
    [{ tenant: 'anna' }, ['local', 'anna']],
  ] as const)('of those for %j is for %j', async (audience, readers) => {
    const world = createWorld();
    world.audience = audience;
    const { watch } = await startProcess(world, [rule()]);
    world.value = 0.5;
    await watch.look();
    for (const tenant of ['local', 'anna', 'bert']) {
      const { alerts, recent } = watch.report(tenant);
      const seen = readers.some((reader) => reader === tenant) ? 1 : 0;
      expect([alerts.length, recent.length]).toEqual([seen, seen]);
    }
  });
});

it('looks by itself, now and every 15 seconds or so, until it is closed', async () => {
  const world = createWorld();
  let looks = 0;
  const { watch } = await startProcess(world, [rule()], {
    publish: async () => {
      looks += 1;
    },
  });
  watch.start();
  watch.start();
  await world.clock.advance(MINUTE_MS);
  expect(looks).toBeGreaterThanOrEqual(4);
  expect(looks).toBeLessThanOrEqual(6);
  await watch.close();
  const before = looks;
  await world.clock.advance(MINUTE_MS);
  expect([looks, world.clock.sleepers()]).toEqual([before, 0]);
});

it('what cannot be read is said once, and watched again when it can', async () => {
  const world = createWorld();
  let broken = true;
  const one = await startProcess(world, [rule()], {
    publish: async () => {
      if (broken) throw new Error('no disk');
    },
  });
  world.value = 0.5;
  await pass(world, [one], 2);
  expect(loud(one.logger)).toEqual(['alerts cannot be watched at the moment']);
  broken = false;
  await pass(world, [one], 1);
  expect(one.told()).toHaveLength(1);
});

it('the queue of all processes is one: each tells its own, and one that died is forgotten', async () => {
  const world = createWorld();
  const { clock } = world;
  const [{ store: here }, { store: there }] = [await startProcess(world, []), await startProcess(world, [])];
  const waiting = { here: 3, there: 4 };
  const left = new QueueLengths({ states: here.states, clock, process: 'a', own: () => waiting.here });
  const right = new QueueLengths({ states: there.states, clock, process: 'b', own: () => waiting.there });
  await left.publish();
  await right.publish();
  expect([left.total(), right.total()]).toEqual([7, 7]);
  waiting.here = 0;
  await left.publish();
  expect([left.total(), right.total()]).toEqual([4, 4]);
  await clock.advance(61_000);
  expect([left.total(), right.total()]).toEqual([0, 4]);
  // Nor is it kept for ever.
  waiting.here = 1;
  await left.publish();
  expect(Object.keys(here.states.read('queue-lengths') ?? {})).toEqual(['a']);
});

it('where nobody waits, nothing is written of it', async () => {
  const world = createWorld();
  const { store } = await startProcess(world, []);
  const queue = new QueueLengths({ states: store.states, clock: world.clock, process: 'a', own: () => 0 });
  await queue.publish();
  expect([queue.total(), store.states.read('queue-lengths')]).toEqual([0, undefined]);
});
