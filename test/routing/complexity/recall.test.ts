import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashEnds, recall } from '../../../src/routing/complexity/recall.ts';

/** Answers with its question, and counts how often it had to think. */
function thinker(hash: (question: string) => number, slots = 8) {
  const asked: string[] = [];
  const ask = recall({
    answer: (question: string) => {
      asked.push(question);
      return { question };
    },
    hash,
    isSame: (left, right) => left === right,
    slots,
  });
  return { ask, asked };
}

describe('recall', () => {
  it('thinks twice about a question, then knows the answer', () => {
    const { ask, asked } = thinker(hashEnds);
    const answers = [ask('a'), ask('a'), ask('a'), ask('a')];
    expect(asked).toEqual(['a', 'a']);
    expect(answers[3]).toBe(answers[1]);
  });

  it('keeps nothing of questions that come once', () => {
    const { ask, asked } = thinker(hashEnds, 2);
    for (let at = 0; at < 100; at += 1) ask(`question ${at}`);
    expect(new Set(asked).size).toBe(100);
    ask('question 99');
    expect(ask('question 99').question).toBe('question 99');
  });

  it('never gives one question the answer of another, whatever the hashes', () => {
    const hashes = [() => 0, () => -1, (text: string) => text.length * 2.5, hashEnds];
    fc.assert(
      fc.property(fc.constantFrom(...hashes), fc.array(fc.constantFrom('a', 'b', 'ab', 'ba', 'abc')), (hash, asked) => {
        const { ask } = thinker(hash);
        for (const question of asked) expect(ask(question)).toEqual({ question });
      }),
    );
  });
});

describe('the hash of both ends', () => {
  it('tells apart texts that differ in length, at the head or at the tail', () => {
    const middle = 'm'.repeat(10_000);
    const texts = ['', 'a', 'b', 'ab', middle, `${middle}m`, `a${middle}`, `${middle}a`, `b${middle}`, `${middle}b`];
    expect(new Set(texts.map(hashEnds)).size).toBe(texts.length);
  });
});
