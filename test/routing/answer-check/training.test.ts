import { describe, expect, it } from 'vitest';
import { judgeReading } from '../../../src/routing/answer-check/judge-reading.ts';
import { readAnswer } from '../../../src/routing/answer-check/read-answer.ts';
import { readPrompt } from '../../../src/routing/answer-check/read-prompt.ts';
import type { Answered } from '../../../train/cascades.ts';
import { fitAnswerModel } from '../../../train/fit/answer-model.ts';
import { fitLogistic } from '../../../train/fit/logistic.ts';

describe('logistic regression', () => {
  it('finds the weights and the level that made the shares', () => {
    const rows = Array.from({ length: 400 }, (_, at) => Float64Array.of((at % 20) - 9.5, Math.floor(at / 20), 7));
    const target = Float64Array.from(rows, ([one = 0, two = 0]) => 1 / (1 + Math.exp(-(0.5 + 0.3 * one - 0.1 * two))));
    const fitted = fitLogistic({ rows, target, rowWeights: new Float64Array(400).fill(1), penalty: 1e-6 });
    const weights = fitted.weights.map((weight, at) => weight / ((fitted.scales[at] as number) || 1));
    expect(weights[0]).toBeCloseTo(0.3, 4);
    expect(weights[1]).toBeCloseTo(-0.1, 4);
    expect([weights[2], fitted.scales[2]]).toEqual([0, 0]);
  });
});

/** Sums of which every third answer is wrong, and half of the wrong ones show it. */
function inventAnswers(): readonly Answered[] {
  return Array.from({ length: 120 }, (_, at) => {
    const [one, two] = [3 + (at % 11), 4 + (at % 7)];
    const isWrong = at % 3 === 0;
    const said = one * two + (isWrong ? 1 : 0);
    const work = isWrong && at % 2 === 1 ? `${one} boxes of ${two} come to ${said}` : `${one} * ${two} = ${said}`;
    const text = (number: number) => `There are so many in all the boxes: ${work}. The answer is ${number}.`;
    const task = at % 4 === 0 ? 'choice' : 'arithmetic';
    return {
      benchmark: 'invented',
      model: 'cheap',
      task,
      fold: at % 2,
      prompt: readPrompt(`There are ${one} boxes of ${two} jars. How many jars are there?`),
      answer: readAnswer(text(said), 'arithmetic'),
      wrong: isWrong ? 1 : 0,
      strong: { strong: 1 },
      arePeersWhole: true,
      peers: [{ model: 'peer', answer: readAnswer(text(one * two), 'arithmetic') }],
    };
  });
}

it('a model fitted on answers doubts the wrong ones more, and more so beside a peer that disagrees', () => {
  const answers = inventAnswers();
  const models = fitAnswerModel(answers.filter(({ fold }) => fold === 0));
  const judged = answers.filter(({ fold, task }) => fold === 1 && task === 'arithmetic');
  const mean = (wrong: number, withPeer: boolean) => {
    const doubts = judged
      .filter((answered) => answered.wrong === wrong)
      .map(({ prompt, answer, peers }) => {
        const beside = withPeer ? peers.map((peer) => peer.answer) : [];
        return judgeReading(prompt, answer, { peers: beside, models }).doubt;
      });
    return doubts.reduce((sum, doubt) => sum + doubt, 0) / doubts.length;
  };
  expect(mean(1, true)).toBeGreaterThan(mean(0, true));
  expect(mean(1, true) - mean(0, true)).toBeGreaterThan(mean(1, false) - mean(0, false));
});
