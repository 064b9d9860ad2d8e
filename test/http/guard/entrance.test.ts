import { describe, expect, it } from 'vitest';
import { loop, openEntrance, turn, useFakeLoop } from './fake-loop.ts';

useFakeLoop();

describe('requests that come together', () => {
  it('begin at once as far as a turn has time for them, the others in later turns, each once', () => {
    const { entrance, begun, many, untilEmpty } = openEntrance();
    expect(many('all', 10)).toEqual(Array(10).fill(undefined));
    expect([begun.length, entrance.waiting]).toEqual([2, 8]);
    turn();
    turn();
    expect(begun.length).toBeGreaterThan(2);
    expect(begun.length).toBeLessThan(7);
    untilEmpty();
    expect(begun).toEqual(Array.from({ length: 10 }, (_, at) => `all ${at}`));
  });

  it('begin at once again when nobody waits any more', () => {
    const { begun, many, come, untilEmpty } = openEntrance();
    many('all', 5);
    untilEmpty();
    turn();
    expect(loop.immediates, 'the loop may rest').toEqual([]);
    come('all', 'later');
    expect(begun.at(-1)).toBe('later');
  });

  it('take turns by group, so that one that sends more waits behind itself', () => {
    const { begun, come, many, untilEmpty } = openEntrance({ costMs: 10 });
    many('loud', 20);
    come('quiet', 'quiet 0');
    come('quiet', 'quiet 1');
    come('other', 'other 0');
    untilEmpty();
    expect(begun.slice(0, 8).map((name) => name.split(' ')[0])).toEqual([
      ...['loud', 'loud', 'quiet', 'other'],
      ...['loud', 'quiet', 'loud', 'loud'],
    ]);
    expect(begun).toHaveLength(23);
    const loud = Array.from({ length: 20 }, (_, at) => `loud ${at}`);
    expect(begun.filter((name) => name.startsWith('loud'))).toEqual(loud);
  });

  it('never begin when their client is gone, and take no turn', () => {
    const { entrance, begun, come, many, leave, untilEmpty } = openEntrance({ costMs: 10 });
    many('loud', 6);
    come('gone');
    leave('loud 3');
    leave('gone');
    leave('gone');
    expect(entrance.waiting).toBe(4);
    turn();
    turn();
    expect(begun).toEqual(['loud 0', 'loud 1']);
    // That one is answered by now.
    leave('loud 1');
    untilEmpty();
    expect(begun).toEqual(['loud 0', 'loud 1', 'loud 2', 'loud 4', 'loud 5']);
  });

  it('are refused when there are as many as may be, those that wait included', () => {
    const { many, untilEmpty } = openEntrance({ costMs: 10, inside: 3, max: 6 });
    const refused = many('all', 5).map((error) => error?.code);
    expect(refused).toEqual([undefined, undefined, undefined, undefined, 'provider_overloaded']);
    untilEmpty();
    expect(many('all', 1)).toEqual([undefined]);
  });

  it('begin all when nobody else will come', () => {
    const { entrance, begun, many } = openEntrance({ costMs: 50 });
    many('all', 30);
    entrance.letAllIn();
    expect([begun.length, entrance.waiting]).toEqual([30, 0]);
  });
});

describe('a line that moves too slowly', () => {
  /** One of 60 that each keep the event loop for 40 ms, and that has been watched for a while. */
  function crowded(count = 60) {
    const opened = openEntrance({ costMs: 20 });
    opened.many('loud', count);
    for (let turns = 0; turns < 11; turns += 1) turn(20);
    return opened;
  }

  it('takes nobody more who would wait over a second, and tells him for how long', () => {
    const { entrance, come } = crowded();
    const { waiting } = entrance;
    expect(waiting).toBeGreaterThan(40);
    const error = come('loud', 'one more');
    expect(error).toMatchObject({ code: 'provider_overloaded', hint: 'Try again shortly.' });
    // In whole seconds.
    expect(error?.retryAfterMs).toBe(Math.ceil((waiting * 40) / 1_000) * 1_000);
    expect(entrance.waiting).toBe(waiting);
  });

  it('sends nobody away for longer than ten seconds', () => {
    expect(crowded(500).come('loud', 'one more')?.retryAfterMs).toBe(10_000);
  });

  it('takes those whose turn comes soon: of a group that has few in it', () => {
    const { begun, come } = crowded();
    expect([come('quiet'), come('other'), come('quiet', 'again')]).toEqual(Array(3).fill(undefined));
    for (let turns = 0; turns < 8; turns += 1) turn(20);
    expect(begun).toEqual(expect.arrayContaining(['quiet', 'other', 'again']));
  });

  it('is believed after a quarter of a second only: a burst is no overload', () => {
    const { many, come } = openEntrance({ costMs: 20 });
    many('all', 60);
    turn(20);
    // What the turn before it began is known in a turn.
    for (const sinceMs = loop.nowMs; loop.nowMs - sinceMs < 250 + 40; turn(20))
      expect(come('all', `at ${loop.nowMs}`)).toBeUndefined();
    expect(come('all', 'too late')).toBeDefined();
  });

  it('is as long as all groups in it are, since they take turns', () => {
    const { come, many } = openEntrance({ costMs: 20 });
    for (const group of ['a', 'b', 'c']) many(group, 20);
    for (let turns = 0; turns < 11; turns += 1) turn(20);
    // Some 50 before him, 40 ms each.
    expect(come('a', 'one more')?.retryAfterMs).toBe(2_000);
  });

  it('is not longer by groups that are gone', () => {
    const { come, leave } = crowded(30);
    const names = Array.from({ length: 20 }, (_, at) => `passer-by ${at}`);
    for (const name of names) come(name);
    for (const name of names) leave(name);
    expect(come('loud', 'one more')).toBeUndefined();
  });

  it('says nothing of the next line', () => {
    const { many, untilEmpty } = crowded();
    untilEmpty(20);
    turn();
    loop.nowMs += 60_000;
    expect(many('loud', 40)).toEqual(Array(40).fill(undefined));
    for (let turns = 0; turns < 13; turns += 1) turn(2);
    expect(many('loud', 14)).toEqual(Array(14).fill(undefined));
  });

  it('that moves again takes more again', () => {
    const { entrance, come } = crowded();
    while (entrance.waiting > 26) turn(20);
    expect(come('loud', 'one more')).toBeDefined();
    while (entrance.waiting > 24) turn(20);
    expect(come('loud', 'one more')).toBeUndefined();
  });

  it('is known by how it moved lately, and not by one stall', () => {
    const { entrance, come, many } = openEntrance({ costMs: 2 });
    many('all', 750);
    for (let turns = 0; turns < 40; turns += 1) turn(200);
    expect(come('all', 'while it is slow')).toBeDefined();
    while (entrance.waiting > 350) turn();
    expect(come('all', 'while it is fast')).toBeUndefined();
    turn(3_000);
    turn();
    expect(come('all', 'after a stall')).toBeUndefined();
  });
  it('is not known by a machine that stands still for a while, while connections are waited for too', () => {
    const { entrance, come, many } = openEntrance({ costMs: 7 });
    many('all', 40);
    for (const restMs of [500, 0, 0, 500, 0]) {
      entrance.noteConnection();
      turn(restMs);
      expect(come('all', 'one more')).toBeUndefined();
    }
  });
});

describe('of a line a turn begins', () => {
  it.each([
    ['as many as can be gone on with in good time', { costMs: 1, restMs: 10, count: 4 }],
    ['a few where that is not to be had', { costMs: 1, restMs: 40, count: 2 }],
    ['not more than are refused in good time', { costMs: 1, restMs: 0, count: 12 }],
    ['not more than can be planned for', { costMs: 0.1, restMs: 0, count: 64 }],
  ])('%s', (_what, { costMs, restMs, count }) => {
    const { many, inATurn } = openEntrance({ costMs, max: 10_000 });
    many('all', 5_000);
    expect(inATurn(restMs)).toBe(count);
  });

  it('no fewer where connections are waited for, which those who wait are told of', () => {
    const { entrance, begun, come, many, inATurn } = openEntrance({ costMs: 1, max: 10_000 });
    many('all', 1_000);
    for (let turns = 0; turns < 340; turns += 1, turn(1)) entrance.noteConnection();
    expect(begun.length).toBeGreaterThan(200);
    expect(come('all', 'one more')).toBeDefined();
    expect(inATurn(40)).toBe(2);
  });
});
