import { expect, it } from 'vitest';
import { BodyRoom } from '../../../src/http/request/body-room.ts';

it('takes bodies as long as they fit, and one alone however large it is', () => {
  const room = new BodyRoom(100_000);
  expect(room.fits(100_000, 0)).toBe(true);
  expect(room.fits(100_001, 0)).toBe(true);
  room.take(60_000);
  expect(room.fits(40_000, 0)).toBe(true);
  expect(room.fits(40_001, 0)).toBe(false);
  // Its own bytes are all that is held.
  expect(room.fits(1_000_000, 60_000)).toBe(true);
  room.take(10_000);
  expect(room.fits(31_000, 60_000)).toBe(false);
  room.giveBack(60_000);
  expect(room.fits(90_000, 0)).toBe(true);
  expect(room.fits(90_001, 0)).toBe(false);
});

it('takes small bodies where there is no room, such as what cancels a call that holds it', () => {
  const room = new BodyRoom(100_000);
  room.take(200_000);
  expect(room.fits(8_192, 0)).toBe(true);
  expect(room.fits(8_193, 0)).toBe(false);
  expect(room.fits(4_193, 4_000)).toBe(false);
});
