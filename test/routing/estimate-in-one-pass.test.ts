import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { estimateTokenCount } from 'tokenx';
import { describe, expect, it } from 'vitest';
import { estimateInOnePass } from '../../src/routing/estimate-in-one-pass.ts';
import { DENSE_TEXT } from '../../src/routing/estimate-tokens.ts';

const byTokenx = (text: string): number => estimateTokenCount(text, DENSE_TEXT);
const inOnePass = (text: string): number | undefined => estimateInOnePass(text, byTokenx);
const characters = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));
const run = (unit: readonly string[], maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...unit), minLength: 1, maxLength });
const letters = characters.filter((character) => /[a-z]/i.test(character));
const digits = characters.filter((character) => /\d/.test(character));

/** Letters of many scripts, quotes, dashes, white space of all kinds, symbols, halves of a pair. */
const foreign = [
  ...'éßØяΣ漢字かな한글ไทยשع“”‘’—–…•·°½€→✓\u00a0\u2003\u2028\u202f\u3000\ufeff\u200b\u0301\ue000',
  '😀',
  '\ud83d',
  '\ude00',
];
const mixed = [...'aeiB7 \n.,', ...foreign];

const chunksOf = (text: string): readonly string[] => text.match(/[\s\S]{1,1200}/g) ?? [];

/** Runs as texts have them, at all lengths where a figure changes, in any order. */
const textOfRuns = fc
  .array(
    fc.oneof(
      run(characters, 4),
      run(letters, 90),
      run([...'abcdefgh'], 12),
      run(digits, 20),
      run([...letters, ...digits], 30),
      run([...letters, "'"], 50),
      run([...'.,;:!?-_/\\()[]{}<>="\'`~@#$%^&*+|'], 20),
      run([...' \t\n\r\v\f\x1c'], 6),
      run(foreign, 5),
      run(mixed, 20),
      fc.constantFrom('\n', '\n\n', '.\n', '\n  ', '  \n', "don't", 'const x = { a: 1 };\n'),
    ),
    { maxLength: 12 },
  )
  .map((runs) => runs.join(''));

describe('the tokens of a text', () => {
  it.each([
    ['ASCII', characters],
    ['other', mixed],
  ])('are exactly those of tokenx, for any %s characters', (_, unit) => {
    fc.assert(
      fc.property(run(unit, 300), (text) => {
        expect(inOnePass(text)).toBe(byTokenx(text));
      }),
    );
  });

  it('are exactly those of tokenx, wherever a character stands', () => {
    const wrong: string[] = [];
    for (let code = 0; code <= 0xffff; code += 1) {
      const character = String.fromCharCode(code);
      const text = `some${character}\n text.\n${character}more`;
      const tokens = inOnePass(text) ?? byTokenx(text);
      if (tokens !== byTokenx(text)) wrong.push(`U+${code.toString(16)}: ${tokens}`);
    }
    expect(wrong).toEqual([]);
  });

  it('are exactly those of tokenx, for words, numbers, white space, punctuation, hashes and other scripts, at any length', () => {
    fc.assert(
      fc.property(textOfRuns, (text) => {
        expect(inOnePass(text)).toBe(byTokenx(text));
      }),
      { numRuns: 1_000 },
    );
  });

  it.each(['../../README.md', '../../package.json', '../../src/routing/estimate-tokens.ts'])(
    'are exactly those of tokenx, line by line and in large pieces: %s',
    (path) => {
      const text = readFileSync(new URL(path, import.meta.url), 'utf8').slice(0, 100_000);
      for (const part of [...text.split('\n'), ...chunksOf(text)])
        expect([part, inOnePass(part)]).toEqual([part, byTokenx(part)]);
    },
  );

  it('are none for no text, and unknown for a long one or one with punctuation that tokenx joins to words', () => {
    expect(inOnePass('')).toBe(0);
    expect(inOnePass('a'.repeat(10_000))).toBeUndefined();
    for (const joined of '、。「〟〰・！／：＠［｀｛･') {
      expect([joined, inOnePass(`${joined} tail`)]).toEqual([joined, undefined]);
      expect([joined, inOnePass(`A head of 漢字${joined}`)]).toEqual([joined, undefined]);
    }
  });
});
