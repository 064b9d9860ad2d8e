import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { type LineQuestion, type Place, type WaitEnd, WaitingLine } from '../../../src/gateway/money/waiting-line.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const SLOT = 'openai/gpt-4o';

function setUp({ max = 100, waitMs = 10_000 } = {}) {
  const clock = createFakeClock();
  const line = new WaitingLine(clock);
  /** Who was given a turn, and who waits no longer, in that order. */
  const heard: string[] = [];

  function join(tenant: string, name: string, more: Partial<LineQuestion> = {}) {
    const signal = new AbortController().signal;
    const place = line.join({ tenant, wants: [{ resource: SLOT }], signal, waitMs, max, ...more });
    if (place) void place.turn().then((end) => heard.push(end === 'turn' ? name : `${name} ${end}`));
    return place;
  }
  return { clock, line, heard, join };
}

/** Nothing of the line may be left when nobody waits. */
function expectEmpty({ line, clock }: Pick<ReturnType<typeof setUp>, 'line' | 'clock'>) {
  expect(line.length).toBe(0);
  expect(line.lengthAt(SLOT)).toBe(0);
  expect(clock.sleepers()).toBe(0);
}

describe('a waiting line', () => {
  it('gives each tenant its turn, however many another one has in it', async () => {
    const { line, heard, join, clock } = setUp();
    const places: (Place | undefined)[] = [];
    for (let number = 1; number <= 5; number += 1) places.push(join('noisy', `noisy ${number}`));
    places.push(join('quiet', 'quiet 1'), join('quiet', 'quiet 2'), join('third', 'third 1'));
    for (let turn = 0; turn < 8; turn += 1) {
      line.free(SLOT);
      await Promise.resolve();
      const given = heard.at(-1) ?? '';
      const index = ['noisy 1', 'noisy 2', 'noisy 3', 'noisy 4', 'noisy 5', 'quiet 1', 'quiet 2', 'third 1'].indexOf(
        given,
      );
      // Only one may go on for each thing that becomes free.
      places[index]?.stay([]);
      places[index]?.leave();
    }
    expect(heard).toEqual(['noisy 1', 'quiet 1', 'third 1', 'noisy 2', 'quiet 2', 'noisy 3', 'noisy 4', 'noisy 5']);
    expectEmpty({ line, clock });
  });

  it('looks by itself for what became free elsewhere, however often somebody joins', async () => {
    const { heard, join, clock } = setUp();
    join('one', 'first');
    for (let number = 1; number <= 5; number += 1) {
      await clock.advance(400);
      join('one', `later ${number}`);
    }
    expect(heard).toEqual(['first']);
  });

  it('lets a tenant that came late be next in turn, not last', async () => {
    const { line, heard, join } = setUp();
    const first = join('noisy', 'noisy 1');
    for (let number = 2; number <= 50; number += 1) join('noisy', `noisy ${number}`);
    line.free(SLOT);
    await Promise.resolve();
    join('quiet', 'quiet');
    first?.stay([]);
    first?.leave();
    line.free(SLOT);
    await Promise.resolve();
    expect(heard).toEqual(['noisy 1', 'quiet']);
  });

  it('lets in more at once as long as they succeed, and after one in vain none before the next sign', async () => {
    const { line, heard, join } = setUp();
    const places = Array.from({ length: 20 }, (_, number) => join('one', String(number)));
    line.free(SLOT);
    await Promise.resolve();
    expect(heard).toEqual(['0']);
    places[0]?.leave();
    await Promise.resolve();
    expect(heard).toEqual(['0', '1', '2']);
    for (const number of [1, 2]) places[number]?.leave();
    await Promise.resolve();
    expect(heard).toHaveLength(11);
    for (const place of places.slice(3, 11)) place?.stay([{ resource: SLOT }]);
    await Promise.resolve();
    expect(heard).toHaveLength(11);
    line.free(SLOT);
    line.free(SLOT);
    await Promise.resolve();
    expect(line.lengthAt(SLOT)).toBe(17);
  });

  it('keeps the place of who tried in vain', async () => {
    const { line, join } = setUp();
    const first = join('one', 'first');
    join('one', 'second');
    line.free(SLOT);
    expect(await first?.turn()).toBe('turn');
    first?.stay([{ resource: SLOT }]);
    const again = first?.turn();
    line.free(SLOT);
    expect(await again).toBe('turn');
  });

  it('does not lose what became free while somebody was trying', async () => {
    const { line, join } = setUp();
    const place = join('one', 'only');
    line.free(SLOT);
    await place?.turn();
    line.free(SLOT);
    place?.stay([{ resource: SLOT }]);
    expect(await place?.turn()).toBe('turn');
  });

  it.each([
    ['fewer are trying than may', ['a', 'b']],
    ['several are trying', ['a', 'b', 'c']],
  ])('does not lose it when %s, and all of them in vain', async (_when, names) => {
    const { line, join } = setUp();
    const [first, ...others] = names.map((name) => join('one', name));
    line.free(SLOT);
    await first?.turn();
    // Two may try after one had success.
    first?.leave();
    await Promise.all(others.map((place) => place?.turn()));
    line.free(SLOT);
    for (const place of others) place?.stay([{ resource: SLOT }]);
    expect(await others[0]?.turn()).toBe('turn');
  });

  it('looks again by itself when the clock frees something, and twice a second since other processes free without a word', async () => {
    const { clock, heard, join } = setUp();
    const place = join('one', 'only', { wants: [{ resource: SLOT, freeInMs: 137 }] });
    await clock.advance(136);
    expect(heard).toEqual([]);
    await clock.advance(1);
    expect(heard).toEqual(['only']);
    place?.stay([{ resource: SLOT, freeInMs: 60_000 }]);
    const again = place?.turn();
    await clock.advance(500);
    expect(await again).toBe('turn');
  });

  it('is waited in for any of several things, in one place each', async () => {
    const { line, join, clock } = setUp();
    const wants = [{ resource: 'limit a' }, { resource: 'limit b' }];
    const place = join('one', 'both', { wants });
    const alone = join('two', 'a alone', { wants: [{ resource: 'limit a' }] });
    expect([line.length, line.lengthAt('limit a'), line.lengthAt('limit b')]).toEqual([2, 2, 1]);
    line.free('limit b');
    expect(await place?.turn()).toBe('turn');
    place?.stay([{ resource: 'limit b' }]);
    expect([line.lengthAt('limit a'), line.lengthAt('limit b')]).toEqual([1, 1]);
    place?.leave();
    alone?.leave();
    await clock.advance(10_000);
    expectEmpty({ line, clock });
  });
});

describe('the end of a wait', () => {
  it('comes with its time, and leaves nothing', async () => {
    const { clock, line, heard, join } = setUp({ waitMs: 400 });
    join('one', 'a');
    join('two', 'b');
    await clock.advance(399);
    expect(heard).toEqual([]);
    await clock.advance(1);
    expect(heard).toEqual(['a late', 'b late']);
    expectEmpty({ line, clock });
  });

  it('comes when the caller leaves, before or while it waits, and the turn goes to the next', async () => {
    const { clock, line, heard, join } = setUp();
    const controller = new AbortController();
    const gone = AbortSignal.abort();
    const left = join('one', 'gone', { signal: gone });
    expect(await left?.turn()).toBe('cancelled');
    left?.leave();
    join('one', 'leaving', { signal: controller.signal });
    const place = join('one', 'staying');
    controller.abort();
    line.free(SLOT);
    await Promise.resolve();
    expect(heard).toEqual(['gone cancelled', 'leaving cancelled', 'staying']);
    place?.leave();
    expectEmpty({ line, clock });
  });

  it('is heard by who tries at that moment only when the try was in vain', async () => {
    const { clock, line, join } = setUp({ waitMs: 300 });
    const place = join('one', 'only');
    line.free(SLOT);
    await place?.turn();
    await clock.advance(1_000);
    expect(await place?.turn()).toBe('turn');
    place?.stay([{ resource: SLOT }]);
    expect(await place?.turn()).toBe('late');
    place?.leave();
    expectEmpty({ line, clock });
  });

  it('comes at once in a full line, for who has most in it', async () => {
    const { line, heard, join } = setUp({ max: 4 });
    for (const name of ['n1', 'n2', 'n3', 'n4']) expect(join('noisy', name)).toBeDefined();
    expect(join('noisy', 'n5')).toBeUndefined();
    expect(join('quiet', 'q1')).toBeDefined();
    expect(join('quiet', 'q2')).toBeDefined();
    expect(join('quiet', 'q3')).toBeUndefined();
    await Promise.resolve();
    expect(heard).toEqual(['n4 displaced', 'n3 displaced']);
    expect(line.length).toBe(4);
  });

  it('leaves nothing behind, whatever happens in whatever order', async () => {
    for (let seed = 1; seed <= 40; seed += 1) await randomRun(seed);
  });
});

/** Many who come, go, try and wait too long; at the end there must be nobody, and no timer. */
async function randomRun(seed: number): Promise<void> {
  const random = seededRandom(seed);
  const { clock, line } = setUp();
  const ends: WaitEnd[] = [];
  const signals: AbortSignal[] = [];
  const resources = ['a', 'b', 'c'];
  const some = () => resources.filter(() => random() < 0.5).map((resource) => ({ resource }));
  let free = { a: 0, b: 0, c: 0 } as Record<string, number>;

  async function visit(tenant: string): Promise<void> {
    const controller = new AbortController();
    signals.push(controller.signal);
    const wants = some();
    if (wants.length === 0) return;
    const question = { tenant, wants, signal: controller.signal, waitMs: 1_000 * random(), max: 20 };
    const place = line.join(question);
    if (!place) return;
    if (random() < 0.2) clock.wakeAfter(500 * random(), () => controller.abort());
    for (;;) {
      const end = await place.turn();
      ends.push(end);
      if (end !== 'turn') break;
      await clock.sleep(3 * random());
      const found = wants.find(({ resource }) => (free[resource] ?? 0) > 0);
      if (found) {
        free = { ...free, [found.resource]: (free[found.resource] ?? 0) - 1 };
        break;
      }
      place.stay(wants);
    }
    place.leave();
  }

  const visits: Promise<void>[] = [];
  for (let step = 0; step < 60; step += 1) {
    visits.push(visit(`tenant ${Math.floor(4 * random())}`));
    const resource = resources[Math.floor(3 * random())] ?? 'a';
    if (random() < 0.4) {
      free = { ...free, [resource]: (free[resource] ?? 0) + 1 };
      line.free(resource);
    }
    if (random() < 0.3) await clock.advance(40 * random());
  }
  await clock.advance(5_000);
  await Promise.all(visits);
  expect(line.length, `seed ${seed}`).toBe(0);
  expect(resources.map((resource) => line.lengthAt(resource))).toEqual([0, 0, 0]);
  expect(clock.sleepers(), `seed ${seed}`).toBe(0);
  expect(signals.flatMap((signal) => getEventListeners(signal, 'abort'))).toEqual([]);
  expect(ends.length).toBeGreaterThan(0);
}
