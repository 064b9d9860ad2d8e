import { describe, expect, it } from 'vitest';
import { type Advance, advance, type Reading } from '../../../src/app/alerts/advance.ts';
import { readAlerts } from '../../../src/app/alerts/alerts-state.ts';
import type { AlertRule } from '../../../src/core/alerts.ts';
import { rule } from './rules.ts';

const START_MS = 1_800_000_000_000;
const MINUTE_MS = 60_000;

/** Looks every `everyMs`; `value` gives what is read at each minute since the start. Tells what was said, and when. */
function watch(
  rules: readonly AlertRule[],
  value: (minute: number) => number | undefined,
  { minutes, everyMs = 15_000, key = '' }: { minutes: number; everyMs?: number; key?: string },
) {
  let state = readAlerts(undefined);
  const said: string[] = [];
  let writes = 0;
  let last: Advance | undefined;
  for (let atMs = 0; atMs <= minutes * MINUTE_MS; atMs += everyMs) {
    const minute = atMs / MINUTE_MS;
    const read = value(minute);
    const readings = rules.map(
      (one): Reading => ({ rule: one, key, audience: 'all', ...(read !== undefined && { value: read }) }),
    );
    last = advance(state, { rules, readings, nowMs: START_MS + atMs });
    if (last.changed) {
      state = last.state;
      writes += 1;
    }
    said.push(...last.notices.map(({ type }) => `${type} ${minute}`));
  }
  return { said, state, writes, last };
}

describe('an alert', () => {
  it('tells of a breach at once, and of its end when it has been well for a minute', () => {
    const { said } = watch([rule()], (minute) => (minute < 5 ? 0.3 : 0), { minutes: 20 });
    expect(said).toEqual(['firing 0', 'resolved 6']);
  });

  it('with a duration waits for as long, on both sides', () => {
    const slow = rule({ forMs: 2 * MINUTE_MS });
    expect(watch([slow], (minute) => (minute < 5 ? 0.3 : 0), { minutes: 20 }).said).toEqual(['firing 2', 'resolved 7']);
    expect(watch([slow], (minute) => (minute < 1.9 ? 0.3 : 0), { minutes: 20 }).said).toEqual([]);
  });

  it('counts what only reaches its limit, and says nothing of what does not', () => {
    expect(watch([rule()], () => 0.2, { minutes: 3 }).said).toEqual(['firing 0']);
    expect(watch([rule()], () => 0.199, { minutes: 3 }).said).toEqual([]);
    expect(watch([rule()], () => undefined, { minutes: 3 }).said).toEqual([]);
  });

  it('does not end while its value wavers about the limit', () => {
    const { said } = watch([rule()], (minute) => (Math.round(minute * 4) % 2 === 0 ? 0.21 : 0.185), { minutes: 120 });
    expect(said).toEqual(['firing 0']);
  });

  it('that comes back again and again is told of ever less often', () => {
    // Three minutes bad, three minutes well: 40 rounds in four hours, 80 changes.
    const { said } = watch([rule()], (minute) => (minute % 6 < 3 ? 0.5 : 0), { minutes: 240 });
    expect(said.slice(0, 4)).toEqual(['firing 0', 'resolved 4', 'firing 6', 'resolved 11']);
    expect(said.length).toBeLessThanOrEqual(6);
  });

  it('is forgiven after an hour of calm', () => {
    const burst = (minute: number) => minute < 1 || (minute >= 6 && minute < 7) || (minute >= 100 && minute < 101);
    const { said } = watch([rule()], (minute) => (burst(minute) ? 0.5 : 0), { minutes: 120 });
    expect(said).toEqual(['firing 0', 'resolved 2', 'firing 6', 'resolved 9', 'firing 100', 'resolved 102']);
  });

  it('is not forgiven by a breach that was too short to tell of', () => {
    const slow = rule({ forMs: 2 * MINUTE_MS });
    const burst = (minute: number) => minute < 4 || (minute >= 10 && minute < 11) || (minute >= 20 && minute < 24);
    const { said, state } = watch([slow], (minute) => (burst(minute) ? 0.5 : 0), { minutes: 40 });
    expect(said).toEqual(['firing 2', 'resolved 6', 'firing 22', 'resolved 28']);
    expect(state.entries).toMatchObject([{ rule: slow.id, phase: 'calm' }]);
  });

  it('of a rate that is too low ends when the rate is well above', () => {
    const low = rule({}, { metric: 'cache_hit_rate', side: 'below', limit: 0.3 });
    const { said } = watch([low], (minute) => (minute < 5 ? 0.1 : minute < 10 ? 0.31 : 0.4), { minutes: 20 });
    expect(said).toEqual(['firing 0', 'resolved 11']);
    const always = rule({}, { metric: 'cache_hit_rate', side: 'below', limit: 0.99 });
    expect(watch([always], (minute) => (minute < 5 ? 0.5 : 1), { minutes: 20 }).said).toEqual([
      'firing 0',
      'resolved 6',
    ]);
  });

  it('ends when there is nothing left to judge', () => {
    const { said, state } = watch([rule()], (minute) => (minute < 5 ? 0.3 : undefined), { minutes: 20 });
    expect(said).toEqual(['firing 0', 'resolved 6']);
    expect(state.notices[0]).not.toHaveProperty('value');
    expect(state.notices[0]?.summary).toContain('nothing left to judge by');
  });

  it('takes no time for lasting in which nobody looked', () => {
    const slow = rule({ forMs: 10 * MINUTE_MS });
    let { state } = advance(readAlerts(undefined), look([slow], 0.5, START_MS));
    // A machine that slept for three hours.
    const woke = advance(state, look([slow], 0.5, START_MS + 180 * MINUTE_MS));
    expect(woke.notices).toEqual([]);
    state = woke.state;
    for (let minute = 1; minute < 10; minute += 1) {
      const next = advance(state, look([slow], 0.5, START_MS + (180 + minute) * MINUTE_MS));
      expect(next.notices).toEqual([]);
      state = next.state;
    }
    expect(advance(state, look([slow], 0.5, START_MS + 190 * MINUTE_MS)).notices).toHaveLength(1);
  });

  it('is not over because it was well before a time in which nobody looked', () => {
    let { state } = advance(readAlerts(undefined), look([rule()], 0.5, START_MS));
    ({ state } = advance(state, look([rule()], 0, START_MS + 15_000)));
    const woke = advance(state, look([rule()], 0, START_MS + 180 * MINUTE_MS));
    expect(woke.notices).toEqual([]);
    expect(advance(woke.state, look([rule()], 0, START_MS + 181 * MINUTE_MS)).notices).toHaveLength(1);
  });

  // While it is about to fire, fires, and is about to end.
  it.each([1, 10, 20.5].flatMap((from) => [-60, 60, -1_440, 1_440].map((jump) => [jump, from] as const)))(
    'bears a clock that is set by %d minutes after %d',
    (jump, from) => {
      const slow = rule({ forMs: 2 * MINUTE_MS });
      let state = readAlerts(undefined);
      const said: string[] = [];
      for (let tick = 0; tick < 200; tick += 1) {
        const minute = tick / 4;
        const nowMs = START_MS + (minute + (minute >= from ? jump : 0)) * MINUTE_MS;
        const next = advance(state, look([slow], minute < 20 ? 0.5 : 0, nowMs));
        said.push(...next.notices.map(({ type, sinceMs, atMs }) => `${type} ${minute} ${atMs >= sinceMs}`));
        if (next.changed) state = next.state;
      }
      expect(said.map((line) => line.split(' ')[0])).toEqual(['firing', 'resolved']);
      expect(said.every((line) => line.endsWith('true'))).toBe(true);
      expect(Number(said[0]?.split(' ')[1])).toBeLessThanOrEqual(3.5);
      // What was counted before the clock was set is counted anew.
      expect(Number(said[1]?.split(' ')[1])).toBe(from === 20.5 ? 22.5 : 22);
    },
  );

  it('of one that is not found any more ends, and of a rule that nobody has is forgotten', () => {
    const one = rule();
    const fired = advance(readAlerts(undefined), look([one], 0.5, START_MS, 'alice'));
    let { state } = fired;
    const empty = (nowMs: number) => advance(state, { rules: [one], readings: [], nowMs });
    expect(empty(START_MS + 15_000).notices).toEqual([]);
    state = empty(START_MS + 15_000).state;
    expect(empty(START_MS + 76_000).notices).toMatchObject([{ type: 'resolved', key: 'alice' }]);

    const ofNobody = (minutes: number) =>
      advance(fired.state, { rules: [], readings: [], nowMs: START_MS + minutes * MINUTE_MS });
    expect(ofNobody(10)).toMatchObject({ changed: false, notices: [] });
    expect(ofNobody(16)).toMatchObject({ changed: true, notices: [], state: { entries: [] } });
  });

  it('that fires while its rule is changed ends by the new one: whoever heard of it hears of its end', () => {
    const [old, changed] = [rule(), rule({ forMs: MINUTE_MS }, { limit: 0.8 })];
    let { state } = advance(readAlerts(undefined), look([old], 0.5, START_MS));
    const said: string[] = [];
    for (let minute = 0.25; minute <= 10; minute += 0.25) {
      const next = advance(state, look([changed], 0.5, START_MS + minute * MINUTE_MS));
      said.push(...next.notices.map(({ type, name, limit }) => `${type} ${name} ${limit}`));
      state = next.state;
    }
    expect(said).toEqual(['resolved test 0.8']);
    expect(state.entries).toMatchObject([{ phase: 'calm' }]);
  });

  it('that fires on by a changed rule says what is the matter by that one', () => {
    const changed = rule({}, { limit: 0.4 });
    const { state } = advance(readAlerts(undefined), look([rule()], 0.5, START_MS));
    const { entries } = advance(state, look([changed], 0.45, START_MS + 4 * MINUTE_MS)).state;
    const summary = expect.stringContaining('the limit is 40 %');
    expect(entries).toMatchObject([{ phase: 'firing', rule: changed.id, limit: 0.4, value: 0.45, summary }]);
  });

  it('is one of two while two processes have different rules of its name', () => {
    const [here, there] = [rule(), rule({}, { limit: 0.8 })];
    let { state } = advance(readAlerts(undefined), look([here], 0.5, START_MS));
    for (let minute = 0.25; minute <= 10; minute += 0.25) {
      for (const one of [here, there]) {
        const next = advance(state, look([one], 0.5, START_MS + minute * MINUTE_MS));
        expect(next.notices).toEqual([]);
        state = next.state;
      }
    }
    expect(state.entries).toMatchObject([{ phase: 'firing', rule: here.id }]);
  });

  it('of many is told once each, of as many as are remembered, and none keeps another rule from being told of', () => {
    const [share, down] = [rule({ id: 'share' }), rule({ id: 'down', name: 'provider down' })];
    const users = Array.from({ length: 300 }, (_, index): Reading => {
      return { rule: share, key: `user ${index}`, value: 0.5, audience: 'all' };
    });
    let state = readAlerts(undefined);
    const tell = (readings: readonly Reading[], nowMs: number) => {
      const next = advance(state, { rules: [share, down], readings, nowMs });
      state = next.state;
      return next.notices.map(({ name, key }) => [name, key].join(' ').trim());
    };
    expect(new Set(tell(users, START_MS)).size).toBe(200);
    expect(tell(users.toReversed(), START_MS + 15_000)).toEqual([]);
    const all = [...users, { rule: down, key: '', value: 1, audience: 'all' } as const];
    expect(tell(all, START_MS + 30_000)).toEqual(['provider down']);
    expect(tell(all, START_MS + 45_000)).toEqual([]);
    expect(state.entries).toHaveLength(200);
  });

  it('is written only when something changes, and now and then while it lasts', () => {
    expect(watch([rule()], () => 0.1, { minutes: 600 }).writes).toBe(0);
    // Once a minute, to say that somebody still looks.
    expect(watch([rule()], () => 0.5, { minutes: 60 }).writes).toBeLessThanOrEqual(62);
  });

  it('says what is the matter, with the worst value so far', () => {
    const { state } = watch([rule()], (minute) => (minute < 1 ? 0.3 : 0.5), { minutes: 3 });
    expect(state.entries[0]).toMatchObject({ phase: 'firing', value: 0.5, sinceMs: START_MS });
    expect(state.entries[0]?.summary).toBe('50 % of the requests failed in the last 5 min; the limit is 20 %.');
    expect(state.notices[0]?.summary).toBe('30 % of the requests failed in the last 5 min; the limit is 20 %.');
  });

  it('stays within bounds, however much is wrong', () => {
    const many = Array.from({ length: 1_000 }, (_, index) => String(index));
    const one = rule({ webhooks: [{ url: 'https://hooks.example.com/', allow: [] }] });
    const readings = many.map((key): Reading => ({ rule: one, key, value: 1, audience: 'all' }));
    const { state } = advance(readAlerts(undefined), { rules: [one], readings, nowMs: START_MS });
    expect(state.entries.length).toBe(200);
    expect(state.notices.length).toBe(20);
    expect(state.outbox.length).toBe(200);
    expect(JSON.stringify(state).length).toBeLessThan(250_000);
  });

  it('does not change when processes with other rules look in turn', () => {
    const [here, there] = [rule({ name: 'here' }), rule({ name: 'there' })];
    let { state } = advance(readAlerts(undefined), look([here], 0.5, START_MS));
    ({ state } = advance(state, look([there], 0.5, START_MS)));
    expect(advance(state, look([here], 0.5, START_MS + 1_000)).changed).toBe(false);
    expect(advance(state, look([there], 0.5, START_MS + 2_000)).changed).toBe(false);
  });
});

function look(rules: readonly AlertRule[], value: number, nowMs: number, key = '') {
  return { rules, nowMs, readings: rules.map((one): Reading => ({ rule: one, key, value, audience: 'all' })) };
}
