import { expect, it } from 'vitest';
import { readOptions } from '../../../src/routing/answer-check/read-options.ts';

const CITIES = 'A. Paris\nB. Rome\nC. Bonn';

it.each([
  ['a line each', `Which city?\n${CITIES}`],
  ['one line', 'Which city? (a) Paris (b) Rome (c) Bonn'],
  ['a place for the answer behind them', `${CITIES}\nAnswer: The answer is`],
  ['other letters in the text before', `Plan A) and plan B) fail. Which city?\n${CITIES}`],
  ['a longer list than one of its own kind before', `A. 1\nB. 2\nWhich city?\n${CITIES}`],
  ['as long a list before', `A. red\nB. green\nC. blue\nWhich city?\n${CITIES}`],
])('options are read from %s', (_what, prompt) => {
  expect(readOptions(prompt)).toEqual([
    { letter: 'A', text: 'Paris' },
    { letter: 'B', text: 'Rome' },
    { letter: 'C', text: 'Bonn' },
  ]);
});

it('an option may hold a list that is written in another way, and the word that ends the last one', () => {
  const prompt = 'A. one of (a) tin (b) lead (c) zinc\nB. the\nanswer to all\nC. none';
  expect(readOptions(prompt).map(({ text }) => text)).toEqual([
    'one of (a) tin (b) lead (c) zinc',
    'the\nanswer to all',
    'none',
  ]);
});

it.each(['A. Paris\nB. Rome', 'A. Paris\nC. Bonn\nD. Rome', 'In case a) or b) it is so. E.g. c'])(
  'there are none in %j',
  (prompt) => {
    expect(readOptions(prompt)).toEqual([]);
  },
);
