import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { expect, it } from 'vitest';
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
