import { describe, expect, it } from 'vitest';
import type { WebhookResult } from '../../../src/app/alerts/send-webhook.ts';
import type { SharedStates } from '../../../src/core/ports.ts';
import { loud } from '../../support/store.ts';
import { rule } from './rules.ts';
import { createWorld, DELIVERED, FAILED, HOOK, MINUTE_MS, pass, startProcess } from './world.ts';

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
    const startMs = world.clock.nowMs();
    const atSeconds: number[] = [];
    world.answer = async () => {
      atSeconds.push((world.clock.nowMs() - startMs) / 1_000);
      return FAILED;
    };
    world.value = 0.5;
    await pass(world, [one], 240);
    // Each pause is three times the one before, up to half an hour, and over at the next look.
    expect(atSeconds).toEqual([0, 15, 30, 75, 210, 615, 1_830, 3_630, 5_430, 7_230]);
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

  it('is the only one that is asked again', async () => {
    const world = createWorld();
    const other = { url: 'https://other.example.com/', allow: [] };
    const asked: string[] = [];
    const one = await startProcess(world, [rule({ webhooks: [other, HOOK] })], {
      send: async ({ url }) => {
        asked.push(url);
        return url === HOOK.url && asked.length < 5 ? FAILED : DELIVERED;
      },
    });
    world.value = 0.5;
    await pass(world, [one], 5);
    expect(asked).toEqual([other.url, HOOK.url, HOOK.url, HOOK.url, HOOK.url]);
  });

  it.each([
    [23, 2],
    [25, 1],
  ])('is asked after %d hours without any process %d times: what is a day old helps nobody', async (hours, times) => {
    const world = createWorld();
    const rules = [rule({ webhooks: [HOOK] })];
    const first = await startProcess(world, rules);
    world.answer = async () => FAILED;
    world.value = 0.5;
    await first.watch.look();
    await first.watch.close();
    await world.clock.advance(hours * 60 * MINUTE_MS);
    const second = await startProcess(world, rules);
    world.answer = async () => DELIVERED;
    await second.watch.look();
    expect(world.sent).toHaveLength(times);
    expect(second.store.states.read('alerts-1')).toMatchObject({ outbox: [] });
  });

  it('hears the newest of an alert alone when it is back: not that it fires after it was over', async () => {
    const world = createWorld();
    const one = await startProcess(world, [rule({ webhooks: [HOOK] })]);
    let isBack = false;
    const heard: string[] = [];
    world.answer = async ({ body }) => {
      if (isBack) heard.push(JSON.parse(body).type);
      return isBack ? DELIVERED : FAILED;
    };
    world.value = 0.5;
    await pass(world, [one], 10);
    world.value = 0;
    await pass(world, [one], 3);
    isBack = true;
    await pass(world, [one], 60);
    expect(heard).toEqual(['alert.resolved']);
  });

  it('is not asked while nobody can note that it was: it would be with every look', async () => {
    const world = createWorld();
    const rules = [rule({ webhooks: [HOOK] })];
    const first = await startProcess(world, rules);
    world.answer = async () => FAILED;
    world.value = 0.5;
    await first.watch.look();
    await world.clock.advance(MINUTE_MS);
    const { states } = first.store;
    const full: SharedStates = {
      read: (name) => states.read(name),
      async update(name, change) {
        change(states.read(name));
        return false;
      },
    };
    const second = await startProcess(world, rules, { states: full });
    await pass(world, [second], 1);
    expect(world.sent).toHaveLength(1);
    await first.watch.look();
    expect(world.sent).toHaveLength(2);
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
