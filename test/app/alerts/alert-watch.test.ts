import { describe, expect, it } from 'vitest';
import { QueueLengths } from '../../../src/app/alerts/queue-lengths.ts';
import type { WebhookResult } from '../../../src/app/alerts/send-webhook.ts';
import { loud } from '../../support/store.ts';
import { rule } from './rules.ts';
import { createWorld, DELIVERED, FAILED, HOOK, MINUTE_MS, pass, startProcess } from './world.ts';

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
    world.value = 0.5;
    await finder.watch.look();
    await other.watch.look();
    await other.watch.look();
    expect(heard).toBe(1);
    expect(other.watch.report('local').alerts).toMatchObject([{ name: 'test', status: 'firing', value: 0.5 }]);
    stop();
  });
});

describe('a webhook that does not take a notice', () => {
  it('is asked again, later each time, with the same id, until it does', async () => {
    const world = createWorld();
    const one = await startProcess(world, [rule({ webhooks: [HOOK] })]);
    const startMs = world.clock.nowMs();
    const atMs: number[] = [];
    world.answer = async () => {
      atMs.push(world.clock.nowMs() - startMs);
      return atMs.length < 4 ? FAILED : DELIVERED;
    };
    world.value = 0.5;
    await pass(world, [one], 10);
    // 5, 15 and 45 s after one another, at the next look.
    expect(atMs).toEqual([0, 15_000, 30_000, 75_000]);
    expect(new Set(world.sent.map(({ id }) => id)).size).toBe(1);
    expect(loud(one.logger)).toEqual([expect.stringContaining('alert "test"')]);
  });

  it('is asked again when the clock, which was a day ahead, is right again', async () => {
    const world = createWorld();
    const one = await startProcess(world, [rule({ webhooks: [HOOK] })]);
    world.answer = async () => FAILED;
    world.value = 0.5;
    await one.watch.look();
    world.clock.stepWall(-24 * 60 * MINUTE_MS);
    await one.watch.look();
    expect(world.sent).toHaveLength(2);
    await one.watch.look();
    expect(world.sent).toHaveLength(2);
    await pass(world, [one], 1);
    expect(world.sent).toHaveLength(3);
  });

  it('is given up after ten times or two hours, or at once where nothing else can come, and the log says so', async () => {
    const world = createWorld();
    const results: string[] = [];
    const rules = [rule({ log: false, webhooks: [HOOK] })];
    const one = await startProcess(world, rules, { onResult: (result) => results.push(result) });
    world.answer = async () => FAILED;
    world.value = 0.5;
    await pass(world, [one], 240);
    expect(results).toEqual([...Array<string>(9).fill('failed'), 'given_up']);
    expect(loud(one.logger)).toEqual([
      'the webhook of alert "test" did not get a notice, which is given up: status 500',
    ]);
    expect(JSON.stringify(one.logger.lines)).not.toContain('very-secret');

    world.answer = async () => ({ ...FAILED, isFinal: true });
    world.value = 0;
    await pass(world, [one], 3);
    expect(results.slice(10)).toEqual(['given_up']);
  });

  it('is taken over by another process when the sender dies over it', async () => {
    const world = createWorld();
    const rules = [rule({ webhooks: [HOOK] })];
    const [dying, other] = await Promise.all([startProcess(world, rules), startProcess(world, rules)]);
    world.value = 0.5;
    const { promise: never } = Promise.withResolvers<WebhookResult>();
    world.answer = () => never;
    void dying.watch.look();
    while (world.sent.length === 0) await new Promise((resolve) => setImmediate(resolve));
    world.answer = async () => DELIVERED;
    await pass(world, [other], 0.75);
    expect(world.sent).toHaveLength(1);
    await pass(world, [other], 1);
    expect(world.sent).toHaveLength(2);
    expect(world.sent[0]?.id).toBe(world.sent[1]?.id);
    dying.watch.close = async () => {};
  });

  it('is not known by its address in the books', async () => {
    const world = createWorld();
    const one = await startProcess(world, [rule({ webhooks: [{ ...HOOK, secret: 'a long secret' }] })]);
    world.answer = async () => FAILED;
    world.value = 0.5;
    await one.watch.look();
    const stored = JSON.stringify(one.store.states.read('alerts-1'));
    expect(stored).toContain('"outbox":[{');
    expect(stored).not.toMatch(/very-secret|hooks\.example|a long secret/);
  });

  it('gets what people and programs can read', async () => {
    const world = createWorld();
    const one = await startProcess(world, [rule({ webhooks: [HOOK] })]);
    world.value = 0.5;
    await one.watch.look();
    const sinceMs = world.clock.nowMs();
    expect(JSON.parse(world.sent[0]?.body ?? '')).toEqual({
      type: 'alert.firing',
      timestamp: new Date(sinceMs).toISOString(),
      text: '[warning] test: 50 % of the requests failed in the last 5 min; the limit is 20 %.',
      data: {
        id: world.sent[0]?.id,
        status: 'firing',
        name: 'test',
        key: '',
        severity: 'warning',
        metric: 'error_rate',
        limit: 0.2,
        value: 0.5,
        summary: '50 % of the requests failed in the last 5 min; the limit is 20 %.',
        since: new Date(sinceMs).toISOString(),
      },
    });
  });
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
});
