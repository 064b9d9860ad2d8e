import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, expect, it, vi } from 'vitest';
import { Connections } from '../../src/http/connections.ts';

/** How long it takes to turn connections away from a server that is full of others, all of them at work. */
function turnAwayMs(openCount: number): number {
  const connections = new Connections(openCount, 1);
  const arrive = () => {
    const socket = new Socket();
    connections.add(socket);
    return { socket, hasRoom: connections.take(socket, new EventEmitter() as ServerResponse) };
  };
  for (let count = 0; count < openCount; count++) arrive();
  const beganMs = performance.now();
  for (let count = 0; count < 2_000; count++) {
    const { socket, hasRoom } = arrive();
    expect(hasRoom).toBe(false);
    socket.emit('close');
  }
  return performance.now() - beganMs;
}

it('turns a connection away as fast from many as from few', () => {
  turnAwayMs(10);
  // Looking at each of them would take hundreds of times as long.
  expect(turnAwayMs(20_000)).toBeLessThan(20 * turnAwayMs(10));
});

it('serves no more than there are places, however many wait beside them for long', () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const connections = new Connections(2, 3);
  const ask = (socket: Socket) => connections.take(socket, new EventEmitter() as ServerResponse);
  const sockets = Array.from({ length: 5 }, () => new Socket());
  const [first, second, third, fourth, fifth] = sockets as [Socket, Socket, Socket, Socket, Socket];
  expect(sockets.map((socket) => connections.add(socket))).toEqual(Array(5).fill(true));
  expect([ask(first), ask(second)]).toEqual([true, true]);
  vi.advanceTimersByTime(1_000);
  expect([ask(third), ask(fourth)]).toEqual([false, false]);
  const sixth = new Socket();
  expect(connections.add(sixth)).toBe(true);
  expect(sockets.map(({ destroyed }) => destroyed)).toEqual([false, false, false, false, true]);
  expect([ask(sixth), connections.add(fifth)]).toEqual([false, false]);
  first.emit('close');
  expect([ask(fourth), ask(third)]).toEqual([true, false]);
});

afterEach(() => vi.useRealTimers());

const ROOM = 4;
/** More that arrive than leave, so that it is full most of the time. */
const what = fc.constantFrom('arrive', 'arrive', 'arrive', 'ask', 'answer', 'leave');
const steps = fc.array(fc.record({ what, who: fc.nat(ROOM) }), { maxLength: 60, size: 'max' });

it('whoever has been idle longest makes room, whatever the others did in between', () => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
  fc.assert(
    fc.property(steps, (todo) => {
      const connections = new Connections(ROOM, 0);
      // Those that are open, the longest idle first, and those that wait for an answer.
      let idle: Socket[] = [];
      const busy = new Map<Socket, EventEmitter>();
      for (const { what, who } of todo) {
        vi.advanceTimersByTime(1_000);
        const [asking, answer] = [...busy][who] ?? [];
        const socket = idle[who];
        if (what === 'arrive') {
          const isFull = idle.length + busy.size === ROOM;
          const [longest, ...others] = idle;
          const newcomer = new Socket();
          expect(connections.add(newcomer)).toBe(!isFull || longest !== undefined);
          if (isFull && longest) {
            expect(longest.destroyed).toBe(true);
            idle = others;
          }
          if (!isFull || longest) idle.push(newcomer);
        } else if (what === 'ask' && socket) {
          const outgoing = new EventEmitter();
          connections.take(socket, outgoing as ServerResponse);
          idle = idle.filter((other) => other !== socket);
          busy.set(socket, outgoing);
        } else if (what === 'answer' && asking) {
          answer?.emit('close');
          busy.delete(asking);
          idle.push(asking);
        } else if (what === 'leave' && (socket ?? asking)) {
          const gone = socket ?? asking;
          gone?.emit('close');
          idle = idle.filter((other) => other !== gone);
          if (gone && gone !== socket) {
            busy.get(gone)?.emit('close');
            busy.delete(gone);
          }
        }
        expect([...idle, ...busy.keys()].some(({ destroyed }) => destroyed)).toBe(false);
      }
      connections.end();
      vi.advanceTimersByTime(1_000);
      expect(idle.every(({ destroyed }) => destroyed)).toBe(true);
      expect([...busy.keys()].some(({ destroyed }) => destroyed)).toBe(false);
    }),
  );
});
