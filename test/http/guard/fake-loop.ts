import { beforeEach, onTestFinished, vi } from 'vitest';
import { Entrance } from '../../../src/http/guard/entrance.ts';

/** An event loop whose time passes only by what is done in it. */
export const loop = { nowMs: 0, immediates: [] as (() => void)[] };

/** For every test of a file. */
export function useFakeLoop(): void {
  beforeEach(() => {
    loop.nowMs = 1_000;
    loop.immediates = [];
    vi.spyOn(performance, 'now').mockImplementation(() => loop.nowMs);
    vi.stubGlobal('setImmediate', (run: () => void) => void loop.immediates.push(run));
    onTestFinished(() => void vi.unstubAllGlobals());
  });
}

/** All that was planned for it, and then so much that has to go on. */
export function turn(restMs = 0): void {
  for (const run of loop.immediates.splice(0)) run();
  loop.nowMs += restMs;
}

/** An entrance. Requests cost `costMs` as they begin. What they are called, and in which order they began. */
export function openEntrance({ costMs = 5, inside = 0, max = 1_000 } = {}) {
  const begun: string[] = [];
  const leavers = new Map<string, () => void>();
  const entrance = new Entrance({ inside: () => inside, max: () => max });
  const come = (group: string, name = group) =>
    entrance.enter({
      group: () => group,
      proceed() {
        begun.push(name);
        loop.nowMs += costMs;
      },
      onGone: (leave) => void leavers.set(name, leave),
    });
  const many = (group: string, count: number) =>
    Array.from({ length: count }, (_, at) => come(group, `${group} ${at}`));
  const untilEmpty = (restMs = 0) => {
    for (let turns = 0; entrance.waiting > 0; turns += 1) {
      if (turns === 10_000) throw new Error('the line does not move');
      turn(restMs);
    }
  };
  /** How many begin, once it is known what is left to do after them. */
  const inATurn = (restMs: number) => {
    for (let turns = 0; turns < 30; turns += 1) turn(restMs);
    const before = begun.length;
    turn(restMs);
    return begun.length - before;
  };
  return { entrance, begun, come, many, untilEmpty, inATurn, leave: (name: string) => leavers.get(name)?.() };
}
