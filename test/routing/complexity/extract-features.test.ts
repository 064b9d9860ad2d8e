import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BUCKET_COUNT } from '../../../src/routing/complexity/bucket-set.ts';
import { extractFeatures } from '../../../src/routing/complexity/extract-features.ts';
import { SURFACE_NAMES, surfaceValue } from '../../../src/routing/complexity/surface.ts';

const readValue = (text: string, name: string) => {
  expect(SURFACE_NAMES).toContain(name);
  return Math.round(surfaceValue(extractFeatures(text), SURFACE_NAMES.indexOf(name)) * 100) / 100;
};
const QUESTION = 'A shop sells 12 pens for $3.50 each and does not charge for bags. What do 4 pens and 2 bags cost?';
const CHOICE = `${QUESTION}\nA. $14\nB. $21\nC. nothing\nD. $7\nAnswer:`;

describe('surface features', () => {
  it('count words, numbers and sentences', () => {
    expect(readValue(QUESTION, 'numbers')).toBe(4);
    expect(readValue(QUESTION, 'decimals')).toBe(1);
    expect(readValue(QUESTION, 'sentences')).toBe(2);
    expect(readValue(QUESTION, 'negation')).toBe(1);
    expect(readValue('The cat saw the other cat', 'distinct words')).toBe(4);
  });

  it('find options by their labels, on lines of their own or not, and leave them out of the question', () => {
    for (const text of [CHOICE, CHOICE.replaceAll('\n', ' '), `${QUESTION} (a) 14 (b) 21 (c) none (d) 7`]) {
      expect(readValue(text, 'options')).toBe(4);
      expect(readValue(text, 'numeric options')).toBe(0.75);
      expect(readValue(text, 'words')).toBe(readValue(QUESTION, 'words'));
    }
    expect(readValue('Vitamin a. Vitamin b. Which is it?', 'options')).toBe(0);
  });

  it('measure how far options have their words in common', () => {
    const shared = (...options: readonly string[]) =>
      readValue(
        `Which?\n${options.map((option, at) => `${'ABCD'[at]}. ${option}`).join('\n')}`,
        'words shared by options',
      );
    expect(shared('True, true', 'true; TRUE', 'true')).toBe(1);
    expect(shared('a dog', 'one frog', 'trout')).toBe(0);
    expect(shared('12', '13', '14')).toBe(0);
    // Of six words two meet one of the two other options.
    expect(shared('red fox', 'red ant', 'grey owl')).toBe(0.17);
    expect(readValue('red fox, red ant, red owl', 'words shared by options')).toBe(0);
  });

  it('find LaTeX, years and blanks', () => {
    expect(readValue('Find $\\frac{a}{b}$ if \\sqrt{a} = 2', 'LaTeX')).toBe(2);
    expect(readValue('In 1867 it cost 9,000 dollars', 'years')).toBe(1);
    expect(readValue('Water boils at _____ degrees', 'blanks')).toBe(1);
  });

  it('read words of other scripts, and scripts without spaces character by character', () => {
    expect(readValue('Сколько дней в году', 'words of other scripts')).toBe(4);
    expect(readValue('一年有多少天', 'ideographs')).toBe(6);
  });
});

describe('what changes no feature', () => {
  const same = (changed: string, text: string) => expect(extractFeatures(changed)).toEqual(extractFeatures(text));

  it('case, white space and full-width letters', () => {
    for (const text of [QUESTION, CHOICE]) {
      same(text.toUpperCase(), text);
      same(`\n  ${text.replaceAll(' ', '  ')}\t`, text);
      same(text.replaceAll('\n', ' '), text);
      same(text.replaceAll('A', 'Ａ'), text);
    }
  });

  it.each([
    'Please ',
    'Could you please tell me: ',
    'Hello! I would be very grateful if you could help me with this. ',
    'Hi there, I have a question for you. ',
    'Please answer the following question:\n',
    'Question: ',
  ])('politeness before it: %s', (polite) => {
    for (const text of [QUESTION, CHOICE]) same(polite + text, text);
  });

  it.each([' Thanks!', ' Thank you very much in advance.', '\nAnswer:'])('politeness after it: %s', (polite) => {
    same(QUESTION + polite, QUESTION);
  });

  it('white space in a text that is cut', () => {
    const long = `${QUESTION} `.repeat(100);
    same(long.replaceAll(' ', '   '), long);
  });
});

describe('any text', () => {
  it('has finite features and distinct buckets, the same each time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (text) => {
        const { surface, buckets } = extractFeatures(text);
        expect(surface.every(Number.isFinite)).toBe(true);
        expect(new Set(buckets).size).toBe(buckets.length);
        expect(buckets.every((bucket) => bucket < BUCKET_COUNT)).toBe(true);
        expect(extractFeatures(text)).toEqual({ surface, buckets });
      }),
    );
  });

  it('that is nothing but politeness keeps its words', () => {
    expect(readValue('Could you please help me?', 'words')).toBe(5);
  });
});
