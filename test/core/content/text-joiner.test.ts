import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TextJoiner } from '../../../src/core/content/text-joiner.ts';

it('gives what its pieces come to, whenever it is asked, and however long they are', () => {
  const pieces = fc.array(fc.oneof(fc.string(), fc.string({ minLength: 1_000, maxLength: 9_000 })), { maxLength: 30 });
  fc.assert(
    fc.property(pieces, fc.nat(30), (given, askedAfter) => {
      const joiner = new TextJoiner();
      for (const [at, piece] of given.entries()) {
        joiner.add(piece);
        if (at === askedAfter) expect(joiner.toString()).toBe(given.slice(0, at + 1).join(''));
      }
      const whole = given.join('');
      expect([joiner.length, joiner.toString()]).toEqual([whole.length, whole]);
    }),
  );
});
