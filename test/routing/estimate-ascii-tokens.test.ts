import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { estimateTokenCount } from 'tokenx';
import { describe, expect, it } from 'vitest';
import { estimateAsciiTokens } from '../../src/routing/estimate-ascii-tokens.ts';
import { DENSE_TEXT } from '../../src/routing/estimate-tokens.ts';

const byTokenx = (text: string): number => estimateTokenCount(text, DENSE_TEXT);
const characters = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));
const run = (unit: readonly string[], maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...unit), minLength: 1, maxLength });
const letters = characters.filter((character) => /[a-z]/i.test(character));
const digits = characters.filter((character) => /\d/.test(character));

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
      fc.constantFrom('\n', '\n\n', '.\n', '\n  ', '  \n', "don't", 'const x = { a: 1 };\n'),
    ),
    { maxLength: 12 },
  )
  .map((runs) => runs.join(''));

describe('the tokens of ASCII text', () => {
  it('are exactly those of tokenx, for any characters', () => {
    fc.assert(
      fc.property(run(characters, 300), (text) => {
        expect(estimateAsciiTokens(text)).toBe(byTokenx(text));
      }),
    );
  });

  it('are exactly those of tokenx, for words, numbers, white space, punctuation and hashes of any length', () => {
    fc.assert(
      fc.property(textOfRuns, (text) => {
        expect(estimateAsciiTokens(text)).toBe(byTokenx(text));
      }),
      { numRuns: 1_000 },
    );
  });

  it.each(['../../README.md', '../../package.json', '../../src/routing/estimate-tokens.ts'])(
    'are exactly those of tokenx, line by line and in large pieces: %s',
    (path) => {
      const text = readFileSync(new URL(path, import.meta.url), 'utf8')
        .slice(0, 100_000)
        .replace(/[^\0-\x7f]/g, '');
      for (const part of [...text.split('\n'), ...chunksOf(text)])
        expect([part, estimateAsciiTokens(part)]).toEqual([part, byTokenx(part)]);
    },
  );

  it('are none for no text, and unknown for any other and for a long one', () => {
    expect(estimateAsciiTokens('')).toBe(0);
    expect(estimateAsciiTokens('naïve')).toBeUndefined();
    expect(estimateAsciiTokens('a'.repeat(10_000))).toBeUndefined();
    expect(estimateAsciiTokens('tail \u00ff')).toBeUndefined();
  });
});
