import { describe, expect, it } from 'vitest';
import { findWord, hashWord, tokenise } from '../../../src/routing/complexity/tokens.ts';
import { KNOWN_WORDS, UNKNOWN } from '../../../src/routing/complexity/vocabulary.ts';

describe('known words', () => {
  it('are found by their hashes, of which no two have the same', () => {
    expect(new Set(KNOWN_WORDS.map(({ text }) => hashWord(text))).size).toBe(KNOWN_WORDS.length);
    for (const word of KNOWN_WORDS) expect(findWord(hashWord(word.text))).toBe(word);
  });

  it('come with their tokens, and of other words and of marks nothing is known', () => {
    const known = tokenise('prove 4 qwertz, how').list.map((token) => token.known.text);
    expect(known).toEqual(['prove', '', '', '', 'how']);
    expect(findWord(hashWord('qwertz'))).toBe(UNKNOWN);
  });
});
