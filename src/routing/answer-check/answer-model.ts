import modelFile from './answer-model.json' with { type: 'json' };
import { type AnswerModel, type Head, PEER_SIGNS, type TaskModel } from './score-answer.ts';
import { SIGNS } from './signs.ts';
import type { Task } from './task-of.ts';

/** The trained model, as it is shipped. */
export const ANSWER_MODEL: AnswerModel = {
  arithmetic: readTask('arithmetic'),
  choice: readTask('choice'),
  other: readTask('other'),
};

function readTask(task: Task): TaskModel {
  const { wrong, hopeless, peer } = modelFile[task];
  const names = SIGNS[task].map(({ name }) => name);
  return { wrong: readHead(wrong, names), hopeless: readHead(hopeless, names), peer: readHead(peer, PEER_SIGNS) };
}

type HeadFile = { readonly intercept: number; readonly signs: Readonly<Record<string, readonly number[]>> };

function readHead({ intercept, signs }: HeadFile, names: readonly string[]): Head {
  return {
    intercept,
    signs: names.map((name) => {
      const [mean, scale, weight] = signs[name] ?? [];
      if (mean === undefined || scale === undefined || weight === undefined) {
        throw new Error(`answer-model.json lacks the sign ${name}: run npm run train:answers.`);
      }
      return { name, mean, scale, weight };
    }),
  };
}
