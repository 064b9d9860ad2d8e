import { expect, it } from 'vitest';
import { BodyRoom } from '../../../src/http/request/body-room.ts';

it('takes bodies as long as they fit, and one alone however large it is', () => {
  const room = new BodyRoom(100);
  expect(room.fits(100, 0)).toBe(true);
  expect(room.fits(101, 0)).toBe(true);
  room.take(60);
  expect(room.fits(40, 0)).toBe(true);
  expect(room.fits(41, 0)).toBe(false);
  // Its own bytes are all that is held.
  expect(room.fits(1_000, 60)).toBe(true);
  room.take(10);
  expect(room.fits(31, 60)).toBe(false);
  room.giveBack(60);
  expect(room.fits(90, 0)).toBe(true);
  expect(room.fits(91, 0)).toBe(false);
});
