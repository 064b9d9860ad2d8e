import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../../src/core/errors.ts';
import { extractFeatures } from '../../../src/routing/complexity/extract-features.ts';
import { fitPair, fitPairOver, type LabelledPrompt } from '../../../src/routing/complexity/fit/fit-pair.ts';
import { routeScore } from '../../../src/routing/complexity/prior.ts';

const GARDENS = ['roses', 'tulips', 'ferns', 'herbs', 'moss', 'ivy', 'lilies', 'cacti', 'orchids', 'bamboo'];
const HARBOURS = ['cranes', 'ferries', 'buoys', 'tugs', 'piers', 'docks', 'anchors', 'sails', 'tides', 'locks'];

/** The weak model fails at harbours; nothing else tells the prompts apart. */
const ROWS: readonly LabelledPrompt[] = [
  ...GARDENS.map((plant) => ({ prompt: `In the garden, how do ${plant} grow near a wall?`, weak: 1, strong: 1 })),
  ...HARBOURS.map((thing) => ({ prompt: `In the harbour, how do ${thing} work near a wall?`, weak: 0, strong: 1 })),
];
const constant = () => 0;
const shipped = (prompt: string) => routeScore(extractFeatures(prompt));

describe('fitPair', () => {
  it('puts what the weak model failed at before what it could do, for words it has not seen together', () => {
    const score = fitPairOver(ROWS, constant).score;
    expect(score('What do ships need in the harbour?')).toBeGreaterThan(score('What do bees need in the garden?'));
  });

  it('sees no gain where the strong model fails too', () => {
    const score = fitPairOver(
      ROWS.map((row) => (row.weak === 0 ? { ...row, strong: 0 } : row)),
      constant,
    ).score;
    const both = fitPairOver(ROWS, constant).score;
    const gap = (by: typeof score) => by('Who works in the harbour?') - by('Who works in the garden?');
    expect(Math.abs(gap(score))).toBeLessThan(gap(both) / 4);
  });

  it('gives the same scores for the same rows', () => {
    const prompts = ['Who works in the harbour?', 'x', '', 'Wie geht es dir?'];
    expect(prompts.map(fitPair(ROWS))).toEqual(prompts.map(fitPair(ROWS)));
  });

  it('leans on the shipped score while labels are few', () => {
    const few = fitPair(ROWS.slice(8, 12));
    const prompts = ['What is 2 + 2?', 'Prove that every bounded monotone sequence of reals converges.'];
    const [easy = 0, hard = 0] = prompts.map(few);
    expect(Math.sign(hard - easy)).toBe(Math.sign(shipped(prompts[1] as string) - shipped(prompts[0] as string)));
  });

  it.each<[what: string, rows: readonly LabelledPrompt[]]>([
    ['no rows', []],
    ['one row', ROWS.slice(0, 1)],
    ['one prompt many times', [ROWS[0], ROWS[0], { ...ROWS[0], weak: 0 }] as LabelledPrompt[]],
    ['labels that are all alike', ROWS.slice(0, 10)],
    [
      'prompts that differ in marks alone',
      [ROWS[0], { prompt: `${ROWS[0]?.prompt}!`, weak: 0, strong: 1 }] as LabelledPrompt[],
    ],
    ['prompts without a letter', ['', ' ', '?'].map((prompt, at) => ({ prompt, weak: at % 2, strong: 1 }))],
  ])('is the shipped score where there is nothing to learn: %s', (_what, rows) => {
    const prompt = 'How many tides are there in a day?';
    expect(fitPair(rows)(prompt)).toBe(shipped(prompt));
  });

  it('tells prompts apart that all begin with the same long template', () => {
    const template = 'You are a patient assistant. Read the question with care, and say what is known of it. '.repeat(
      3,
    );
    const score = fitPairOver(
      ROWS.map((row) => ({ ...row, prompt: template + row.prompt })),
      constant,
    ).score;
    expect(score('What do ships need in the harbour?')).toBeGreaterThan(score('What do bees need in the garden?'));
  });

  it('scores empty, foreign and very long prompts with finite numbers', () => {
    const score = fitPair([...ROWS, { prompt: '', weak: 0, strong: 0.5 }]);
    for (const prompt of ['', '港はどこですか', 'tide '.repeat(20_000), '\u0000\uD800']) {
      expect(score(prompt)).toSatisfy(Number.isFinite);
    }
  });

  it.each([Number.NaN, -0.1, 1.1, Number.POSITIVE_INFINITY])('refuses %s as a label, naming its place', (label) => {
    const rows = [ROWS[0] as LabelledPrompt, { prompt: 'x', weak: label, strong: 1 }];
    expect(() => fitPair(rows)).toThrow(GatewayError);
    expect(() => fitPair(rows)).toThrow(/^Label 2: "weak" is /);
  });
});
