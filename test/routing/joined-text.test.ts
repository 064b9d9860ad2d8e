import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { JoinedText } from '../../src/routing/joined-text.ts';

it('reads like the text that all of them would be, each on a line', () => {
  const texts = fc.array(fc.string({ unit: fc.constantFrom('a', 'é', '\n', '😀', '\ud83d'), maxLength: 5 }), {
    maxLength: 6,
  });
  fc.assert(
    fc.property(texts, fc.nat(40), fc.nat(40), (parts, from, to) => {
      const joined = new JoinedText(parts);
      const whole = parts.join('\n');
      expect([joined.length, joined.bytes]).toEqual([whole.length, Buffer.byteLength(whole)]);
      expect(joined.slice(from, to)).toBe(whole.slice(from, to));
      expect(joined.toString()).toBe(whole);
    }),
    { numRuns: 2_000 },
  );
});
