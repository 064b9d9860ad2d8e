import { describe, expect, it } from 'vitest';
import { extractFeatures } from '../../src/routing/complexity/extract-features.ts';
import shipped from '../../src/routing/complexity/prior.json' with { type: 'json' };
import { routeScore } from '../../src/routing/complexity/prior.ts';
import { SURFACE_NAMES } from '../../src/routing/complexity/surface.ts';
import { weighByAgreement } from '../../train/agreement.ts';
import { baselines } from '../../train/baselines.ts';
import { takeExamples, toExamples } from '../../train/fit/examples.ts';
import { fitPrior, scoreExamples } from '../../train/fit/prior.ts';
import { toPriorFile } from '../../train/fit/prior-file.ts';
import { foldsByStem, foldsByValue, questionStem } from '../../train/folds.ts';
import { bootstrapInterval, measureAuc, measureGapRecovered } from '../../train/metric.ts';
import { failureShare } from '../../train/models.ts';
import { measureRouting } from '../../train/pairs.ts';
import { seededRandom } from '../../train/random.ts';
import { syntheticRows } from './synthetic-rows.ts';

const BENCHMARKS = ['Ada', 'Ben', 'Cleo', 'Dan'];
const rows = syntheticRows(BENCHMARKS, 45);

describe('the metric', () => {
  const weak = [0, 0, 1, 1];
  const strong = [1, 1, 1, 1];

  it('is highest for a router that sends first what only the strong model can', () => {
    expect(measureGapRecovered([4, 3, 2, 1], weak, strong)).toEqual({ apgr: 0.75, cpt50: 25, cpt80: 40 });
    expect(measureGapRecovered([1, 2, 3, 4], weak, strong).apgr).toBe(0.25);
  });

  it('gives a router with one level what chance gives', () => {
    expect(measureGapRecovered([1, 1, 1, 1], weak, strong)).toEqual({ apgr: 0.5, cpt50: 50, cpt80: 80 });
  });

  it('has an interval around it, the same for the same seed', () => {
    const scores = rows.map(({ prompt }) => prompt.length);
    const cheap = rows.map((row) => 1 - failureShare(row, 'cheap'));
    const able = rows.map((row) => 1 - failureShare(row, 'strong'));
    const { apgr } = measureGapRecovered(scores, cheap, able);
    const [low, high] = bootstrapInterval(scores, cheap, able, { rounds: 100 });
    expect(low).toBeLessThan(apgr);
    expect(high).toBeGreaterThan(apgr);
    expect(bootstrapInterval(scores, cheap, able, { rounds: 100 })).toEqual([low, high]);
  });

  it('counts ties of the area under the ROC curve by half', () => {
    expect(measureAuc([1, 2, 3, 4], [false, false, true, true])).toBe(1);
    expect(measureAuc([1, 1, 1, 1], [false, true, false, true])).toBe(0.5);
    expect(measureAuc([4, 3, 2, 1], [false, false, true, true])).toBe(0);
  });
});

describe('folds', () => {
  const passage =
    'Read the passage: the quick brown fox jumped over the lazy dog while nobody of the village was looking.';
  const asked = [...rows, ...rows.slice(0, 3).map((row, at) => ({ ...row, prompt: `${passage} Question ${at}?` }))];

  it('by question never learn from a question that begins like one that is judged', () => {
    const folds = foldsByStem(asked, 4, 1);
    for (const { train, test } of folds) {
      const judged = new Set(test.map((at) => questionStem(asked[at]?.prompt ?? '')));
      expect(train.some((at) => judged.has(questionStem(asked[at]?.prompt ?? '')))).toBe(false);
    }
    expect(folds.flatMap(({ test }) => test).toSorted((left, right) => left - right)).toEqual([...asked.keys()]);
  });

  it('by value leave out the whole of it', () => {
    const folds = foldsByValue(rows, ({ benchmark }) => benchmark);
    expect(folds.map(({ name }) => name)).toEqual(BENCHMARKS);
    for (const { name, train } of folds) expect(train.every((at) => rows[at]?.benchmark !== name)).toBe(true);
  });
});

describe('the prior', () => {
  const examples = toExamples(rows);

  it('routes a benchmark that it has not seen better than chance and better than a keyword list', () => {
    for (const { train, test } of foldsByValue(rows, ({ benchmark }) => benchmark)) {
      const prior = fitPrior(takeExamples(examples, train));
      const judged = test.flatMap((at) => rows[at] ?? []);
      const ours = measureRouting(judged, [...scoreExamples(prior.route, prior, takeExamples(examples, test))]);
      const list = baselines(1).find(({ name }) => name === 'keyword list');
      const theirs = measureRouting(
        judged,
        judged.map(({ prompt }) => list?.score(prompt) ?? 0),
      );
      expect(ours?.apgr).toBeGreaterThan(0.6);
      expect(ours?.apgr).toBeGreaterThan(theirs?.apgr ?? 1);
    }
  });

  it('tells by its failure head where the cheap model fails', () => {
    const [fold] = foldsByStem(rows, 4, 1);
    const prior = fitPrior(takeExamples(examples, fold?.train ?? []));
    const judged = takeExamples(examples, fold?.test ?? []);
    const scores = [...scoreExamples(prior.failure, prior, judged)];
    expect(
      measureAuc(
        scores,
        [...judged.cheapFails].map((share) => share === 1),
      ),
    ).toBeGreaterThan(0.7);
  });

  it('is the same each time, and its file holds bytes for words and rising quantiles', () => {
    const [first, second] = [fitPrior(examples), fitPrior(examples)];
    expect(second).toEqual(first);
    const heldOut = {
      route: scoreExamples(first.route, first, examples),
      failure: scoreExamples(first.failure, first, examples),
    };
    const file = toPriorFile(first, examples, heldOut);
    expect(file.route.quantiles).toEqual(file.route.quantiles.toSorted((left, right) => left - right));
    expect(Buffer.from(file.failure.words, 'base64').length).toBe(1 << 14);
  });

  it('is scored alike in training and where it is shipped', () => {
    const choices = ['2, 4', '4, 2', 'none'].map((option, at) => `${'ABC'[at]}) ${option}`).join(' ');
    const asked = rows.slice(0, 40).map((row, at) => (at % 2 ? row : { ...row, prompt: `${row.prompt} ${choices}` }));
    const { standard, route } = shipped;
    const byName = (values: Readonly<Record<string, number>>) =>
      Float64Array.from(SURFACE_NAMES, (name) => values[name] ?? Number.NaN);
    const head = {
      ...route,
      surface: byName(route.surface),
      words: Float64Array.from(new Int8Array(Buffer.from(route.words, 'base64')), (step) => step * route.wordScale),
    };
    const scores = scoreExamples(
      head,
      { standard: { means: byName(standard.means), scales: byName(standard.scales) } },
      toExamples(asked),
    );
    for (const [at, { prompt }] of asked.entries()) {
      expect(scores[at]).toBeCloseTo(routeScore(extractFeatures(prompt)), 8);
    }
  });

  it('weighs the words of prompts that offer options apart from those of others', () => {
    const many = syntheticRows(['north', 'south'], 1_200);
    const judged = many.map((row, at) => (at % 2 ? row : { ...row, prompt: `${row.prompt} A) one B) two C) none` }));
    const { words } = fitPrior(toExamples(judged)).route;
    const sizeOf = (half: Float64Array) => half.reduce((sum, weight) => sum + Math.abs(weight), 0);
    expect(sizeOf(words.subarray(0, words.length / 2))).toBeGreaterThan(0);
    expect(sizeOf(words.subarray(words.length / 2))).toBeGreaterThan(0);
    expect(sizeOf(fitPrior(toExamples(many.slice(0, 900))).route.words)).toBe(0);
  });

  it('lets a model that fails for reasons of its own say little of how hard a prompt is', () => {
    const random = seededRandom(5);
    const judged = rows.map((row) => ({
      ...row,
      outcomes: { ...row.outcomes, 'codegemma-7b': random() < 0.5 ? 1 : 0 },
    }));
    const weights = weighByAgreement(judged);
    expect(weights.get('codegemma-7b')).toBeLessThan((weights.get('mistral-7b-instruct-v0.3') ?? 0) / 2);
  });

  it('asks for the names of models that it has never heard of', () => {
    const [row] = rows;
    expect(row && (() => failureShare({ ...row, outcomes: { unheard: 1 } }, 'cheap'))).toThrow('train/models.ts');
  });
});
