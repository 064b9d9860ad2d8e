import { describe, expect, it } from 'vitest';
import { openEntrance, turn, useFakeLoop } from './fake-loop.ts';

useFakeLoop();

describe('while connections are being made', () => {
  it('nothing else begins, or the others would wait unheard, and that for a moment only', () => {
    const { entrance, begun, come, untilEmpty } = openEntrance({ costMs: 1 });
    entrance.noteConnection();
    come('all');
    expect(begun).toEqual([]);
    for (let turns = 0; turns < 15; turns += 1) {
      expect(begun).toEqual([]);
      entrance.noteConnection();
      turn(1);
    }
    for (let turns = 0; turns < 5; turns += 1, turn(1)) entrance.noteConnection();
    expect(begun).toEqual(['all']);
    come('all', 'later');
    untilEmpty();
    expect(begun).toEqual(['all', 'later']);
  });

  it('nothing else begins again and again, as long as they come', () => {
    const { entrance, begun, many } = openEntrance({ costMs: 1 });
    entrance.noteConnection();
    many('all', 500);
    let turnsThatBegan = 0;
    for (let turns = 0; turns < 160; turns += 1) {
      entrance.noteConnection();
      const before = begun.length;
      turn(1);
      if (begun.length > before) turnsThatBegan += 1;
    }
    expect(turnsThatBegan).toBeGreaterThanOrEqual(5);
    expect(turnsThatBegan).toBeLessThanOrEqual(12);
  });

  it('those that wait do not begin either, and nobody overtakes them', () => {
    const { entrance, begun, come, many, untilEmpty } = openEntrance({ costMs: 10 });
    many('all', 5);
    turn();
    entrance.noteConnection();
    turn(1);
    come('all', 'later');
    expect(begun).toEqual(['all 0']);
    untilEmpty();
    expect(begun.at(-1)).toBe('later');
  });

  it('one that asks nothing is no reason to wait, a turn later', () => {
    const { entrance, begun, come } = openEntrance();
    entrance.noteConnection();
    turn();
    come('all');
    expect(begun).toEqual(['all']);
  });

  it('what had come goes on as soon as no more come', () => {
    const { entrance, begun, come } = openEntrance({ costMs: 1 });
    entrance.noteConnection();
    come('all');
    for (let turns = 0; turns < 3; turns += 1) turn(1);
    expect(begun).toEqual(['all']);
  });
});
