import { type AnswerReading, readAnswer } from '../src/routing/answer-check/read-answer.ts';
import { type PromptReading, type PromptScores, readPrompt } from '../src/routing/answer-check/read-prompt.ts';
import type { Task } from '../src/routing/answer-check/task-of.ts';
import { logistic } from '../src/routing/logistic.ts';
import { type Row, readJsonLines } from './data.ts';
import { calibrateLogit } from './fit/calibrate.ts';
import { toExamples } from './fit/examples.ts';
import { weighRows } from './fit/standardise.ts';
import { foldsByStem } from './folds.ts';
import { scoreHeldOut } from './held-out-prior.ts';

/** One recorded answer of a cheap model. */
export type Answered = {
  readonly benchmark: string;
  readonly model: string;
  /** As it is told from the question, which is wrong now and then. */
  readonly task: Task;
  /** No question is in two folds; its prompt was scored by a prior that had not seen the fold. */
  readonly fold: number;
  readonly prompt: PromptReading;
  readonly answer: AnswerReading;
  /** 1 when it is. */
  readonly wrong: number;
  /** By strong model: 1 where that one is right. */
  readonly strong: Readonly<Record<string, number>>;
  /** What other cheap models answered to the same. */
  readonly peers: readonly { readonly model: string; readonly answer: AnswerReading }[];
  /** Or only what they came to? */
  readonly arePeersWhole: boolean;
};

/** The files with the texts of answers. */
export const CASCADE_FILES = ['cascade_gsm8k.jsonl.gz', 'cascade_zgsm.jsonl.gz', 'cascade_mmlupro.jsonl.gz'] as const;

export const FOLDS = 5;

const STRONG = {
  gsm8k: ['gpt-4-1106-preview'],
  zgsm: ['claude-3-5-sonnet-20240620', 'gpt-4o-2024-05-13', 'Llama-3.1-405B-Inst@sambanova'],
  mmlupro: ['Meta-Llama-3_1-70B-Instruct', 'gemini-1.5-pro-002', 'gemini-1.5-flash-002'],
} as const;
const CHOICE_MODEL = 'Meta-Llama-3_1-8B-Instruct';
const CHOICE_PEERS = ['Mixtral-8x7B-Instruct-v0.1', 'Phi-3-mini-4k-instruct', 'Mistral-7B-Instruct-v0.2'];
/** The texts of one file were cut here when they were recorded. */
const CUT_CHARS = 1_200;

type Question = { readonly fold: number; readonly prompt: string; readonly scores: PromptScores };
type Questions = ReadonlyMap<string, Question>;
type Lookup = (id: string) => Question;
type Recorded = { readonly [model: string]: number };

/** Every recorded answer with a text, its question scored by a prior of other questions. */
export function readCascades(folder: string, rows: readonly Row[], seed: number): readonly Answered[] {
  const questions = scoreQuestions(rows, seed);
  const lookup = (id: string) => {
    const question = questions.get(id);
    if (!question) throw new Error(`The cascades answer ${id}, which is no row: update the folder of outcomes.`);
    return question;
  };
  return [...readOneModel(folder, lookup), ...readThreeModels(folder, lookup), ...readChoices(folder, lookup)];
}

function scoreQuestions(rows: readonly Row[], seed: number): Questions {
  const examples = toExamples(rows);
  const folds = foldsByStem(rows, FOLDS, seed);
  const { route, failure } = scoreHeldOut(examples, folds);
  const foldOf = new Int32Array(rows.length);
  for (const [fold, { test }] of folds.entries()) for (const row of test) foldOf[row] = fold;
  const { intercept, slope } = calibrateLogit(failure, examples.cheapFails, weighRows(examples));
  return new Map(
    rows.map(({ id, prompt }, row) => {
      const logit = intercept + slope * (failure[row] as number);
      const scores = { failure: logistic(logit), route: route[row] as number };
      return [id, { fold: foldOf[row] as number, prompt, scores }];
    }),
  );
}

function readOneModel(folder: string, lookup: Lookup): readonly Answered[] {
  type Line = { readonly id: string; readonly s: Recorded; readonly text: Readonly<Record<string, string>> };
  return readJsonLines<Line>(folder, CASCADE_FILES[0]).flatMap(({ id, s, text }) => {
    const { fold, prompt, scores } = lookup(id);
    const question = readPrompt(prompt, scores);
    return Object.entries(text).map(([model, answer]) => ({
      benchmark: 'gsm8k',
      model,
      task: question.task,
      fold,
      prompt: question,
      answer: readAnswer(answer, question.task),
      wrong: 1 - (s[model] ?? 0),
      strong: pick(s, STRONG.gsm8k),
      peers: [],
      arePeersWhole: true,
    }));
  });
}

function readThreeModels(folder: string, lookup: Lookup): readonly Answered[] {
  type Line = { readonly id: string; readonly ok: Recorded; readonly text: Readonly<Record<string, string>> };
  return readJsonLines<Line>(folder, CASCADE_FILES[1]).flatMap(({ id, ok, text }) => {
    const { fold, prompt, scores } = lookup(id);
    const question = readPrompt(prompt, scores);
    const answers = Object.entries(text).map(([model, answer]) => ({
      model,
      answer: readAnswer(answer, question.task),
    }));
    return answers.map(({ model, answer }) => ({
      benchmark: 'zgsm',
      model,
      task: question.task,
      fold,
      prompt: question,
      answer,
      wrong: 1 - (ok[model] ?? 0),
      strong: pick(ok, STRONG.zgsm),
      peers: answers.filter((peer) => peer.model !== model),
      arePeersWhole: true,
    }));
  });
}

/** Of the peers only the letters are recorded. */
function readChoices(folder: string, lookup: Lookup): readonly Answered[] {
  type Letters = Readonly<Record<string, string | null>>;
  type Line = { readonly id: string; readonly gold: string; readonly pred: Letters; readonly text: Letters };
  return readJsonLines<Line>(folder, CASCADE_FILES[2]).map(({ id, gold, pred, text }) => {
    const { fold, prompt, scores } = lookup(id);
    const right = Object.fromEntries(Object.entries(pred).map(([model, letter]) => [model, letter === gold ? 1 : 0]));
    const stored = text[CHOICE_MODEL] ?? '';
    const written = stored.length < CUT_CHARS ? stored : `${stored} …\n${sayLetter(pred[CHOICE_MODEL])}`;
    const question = readPrompt(prompt, scores);
    return {
      benchmark: 'mmlupro',
      model: CHOICE_MODEL,
      task: question.task,
      fold,
      prompt: question,
      answer: readAnswer(written, question.task),
      wrong: 1 - (right[CHOICE_MODEL] ?? 0),
      strong: pick(right, STRONG.mmlupro),
      arePeersWhole: false,
      peers: CHOICE_PEERS.map((model) => ({ model, answer: readAnswer(sayLetter(pred[model]), question.task) })),
    };
  });
}

function sayLetter(letter: string | null | undefined): string {
  return letter ? `The answer is (${letter}).` : '';
}

function pick(scores: Recorded, models: readonly string[]): Recorded {
  return Object.fromEntries(models.map((model) => [model, scores[model] ?? 0]));
}
