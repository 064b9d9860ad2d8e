import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { capText, END_CHARS_MAX } from '../../../src/routing/complexity/cap-text.ts';
import { foldText } from '../../../src/routing/complexity/fold-text.ts';
import { tokenise } from '../../../src/routing/complexity/tokens.ts';
import { UNSPACED } from '../../../src/routing/complexity/unspaced.ts';
import { segmentWords, written } from '../../../src/routing/complexity/words.ts';

// What prompts are made of is read by shorter ways than these, which say the same in a line.
const fold = (text: string) =>
  text
    .replace(/[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]/g, '')
    .normalize('NFKD')
    .replace(/[\u0300-\u036f\u064b-\u065f\u0670]/g, '')
    .normalize('NFC')
    .toLowerCase();
const ANY_WORD = new RegExp(String.raw`[${UNSPACED}]+|[[\p{L}\p{N}\p{M}]--[${UNSPACED}]]+`, 'gv');
const cap = (text: string) => {
  const READ_MAX = 4 * END_CHARS_MAX;
  const shorten = (part: string) => part.replace(/\s+/g, ' ');
  const read =
    text.length <= 2 * READ_MAX
      ? shorten(text)
      : `${shorten(text.slice(0, READ_MAX))} ${shorten(text.slice(-READ_MAX))}`;
  const folded = fold(text.length <= 2 * END_CHARS_MAX ? text : read);
  if (folded.length <= 2 * END_CHARS_MAX) return folded;
  return `${folded.slice(0, END_CHARS_MAX)} ${folded.slice(-END_CHARS_MAX)}`;
};

/** Of each alphabet some, the odd ones among them: what grows, shrinks, vanishes or joins when it is folded. */
const LATIN = [...'aZ9 \n-_.é“”‘’–—…•½€→✓ßØÿĳŉİſ™²ªµ\u00a0\u00ad'];
const OTHER = [
  ...'яйΣςΩ漢字かガｶﾞ한ไทยعُएकﬁﷺ①Å\u0301\u0345\u200b\u2029\u1680\u3000\ufeff',
  '😀',
  '𝔸',
  '𠀀',
  '\ud83d',
  '\ude00',
];
const text = fc.oneof(
  fc.string({ unit: fc.constantFrom(...LATIN), maxLength: 60 }),
  fc.string({ unit: fc.constantFrom(...LATIN, ...OTHER), maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 60 }),
);
const longText = fc
  .tuple(
    fc.array(fc.oneof(fc.constantFrom('word ', 'Größe, ', 'два ', '“so” '), text), { minLength: 2, maxLength: 12 }),
    fc.constantFrom('', ' '.repeat(700), '\n\n\n', '\u200b'.repeat(300), '\u0301'.repeat(20)),
    fc.integer({ min: 3_000, max: 20_000 }),
    fc.nat(),
  )
  .map(([parts, gap, length, place]) => {
    const whole = parts.join('').padEnd(1, 'x').repeat(length).slice(0, length);
    const at = place % length;
    return whole.slice(0, at) + gap + whole.slice(at);
  });

describe('the short ways of reading text', () => {
  it('fold it as all of it at once would be folded', () => {
    fc.assert(
      fc.property(text, (any) => {
        expect(foldText(any)).toBe(fold(any));
      }),
      { numRuns: 3_000 },
    );
    for (let code = 0; code <= 0xffff; code += 1) {
      const character = String.fromCharCode(code);
      if (foldText(`a${character}b`) !== fold(`a${character}b`)) expect.fail(`U+${code.toString(16)}`);
    }
  });

  it('find the same words as an expression', () => {
    fc.assert(
      fc.property(text, (any) => {
        const folded = fold(any);
        const words = segmentWords(folded);
        expect(words.list.map((word) => written(words, word))).toEqual(folded.match(ANY_WORD) ?? []);
        const ofRuns = words.list.filter(({ kind }) => kind === 'run').map((word) => written(words, word));
        expect(ofRuns).toEqual(folded.match(new RegExp(`[${UNSPACED}]+`, 'gv')) ?? []);
      }),
      { numRuns: 3_000 },
    );
  });

  it('take half a character at the end for what it is, whatever was read before', () => {
    segmentWords('aé𝔸');
    const words = segmentWords('aé\ud835');
    expect(words.list.map((word) => written(words, word))).toEqual(['aé']);
  });

  it('cut a long text so that it has the same tokens', () => {
    fc.assert(
      fc.property(longText, (long) => {
        const { list } = tokenise(capText(long));
        expect(list).toEqual(tokenise(cap(long)).list);
      }),
      { numRuns: 300 },
    );
  });
});
