import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createLineSplitter } from '../../../../src/providers/shared/transport/sse-lines.ts';

it('the lines of a text are the same however it is cut', () => {
  const text = fc.array(fc.constantFrom('a', 'é', '😀', '\n', '\r', '\r\n'), { maxLength: 12 });
  fc.assert(
    fc.property(text, fc.array(fc.nat({ max: 3 })), (pieces, sizes) => {
      const bytes = Buffer.from(pieces.join(''));
      const splitter = createLineSplitter();
      const lines: string[] = [];
      let at = 0;
      for (const size of [...sizes, bytes.length]) {
        lines.push(...splitter.push(bytes.subarray(at, at + size)));
        at += size;
      }
      lines.push(...splitter.end());
      const whole = pieces.join('').split(/\r\n|\n|\r/);
      // Blank lines count but the last, behind which nothing stands; a return at the very end may be half of an end.
      const read = [...lines, ''].join('|').replace(/\|+$/, '');
      expect(read).toBe(whole.join('|').replace(/\|+$/, ''));
    }),
  );
});
