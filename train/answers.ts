import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AnswerModel, Head, TaskModel } from '../src/routing/answer-check/score-answer.ts';
import { CASCADE_FILES, FOLDS, readCascades } from './cascades.ts';
import { hashFile, OUTCOME_FILES, readRows, requireRoutingData } from './data.ts';
import { fitAnswerModel, HYPERPARAMETERS } from './fit/answer-model.ts';

const SEED = 1;
const DIGITS = 5;
const MODEL_FILE = join(import.meta.dirname, '../src/routing/answer-check/answer-model.json');

/** Trains the check of answers on all recorded answers and writes it, with what it was made of. */
function main(): void {
  const folder = requireRoutingData();
  if (folder === undefined) return;
  const answers = readCascades(folder, readRows(folder), SEED);
  const manifest = {
    answers: answers.length,
    data: [...OUTCOME_FILES, ...CASCADE_FILES].map((file) => ({ file, sha256: hashFile(folder, file) })),
    seed: SEED,
    folds: FOLDS,
    hyperparameters: HYPERPARAMETERS,
  };
  writeFileSync(MODEL_FILE, `${JSON.stringify({ manifest, ...toFile(fitAnswerModel(answers)) }, null, 2)}\n`);
  process.stdout.write(`${answers.length} answers.\nWritten: ${MODEL_FILE}\n`);
}

function toFile(model: AnswerModel): object {
  const ofTask = ({ wrong, hopeless, peer }: TaskModel) => ({
    wrong: ofHead(wrong),
    hopeless: ofHead(hopeless),
    peer: ofHead(peer),
  });
  return { arithmetic: ofTask(model.arithmetic), choice: ofTask(model.choice), other: ofTask(model.other) };
}

/** Each sign as its mean, its spread and its weight. */
function ofHead({ intercept, signs }: Head): object {
  const entries = signs.map(({ name, mean, scale, weight }) => [name, [mean, scale, weight].map(round)]);
  return { intercept: round(intercept), signs: Object.fromEntries(entries) };
}

function round(value: number): number {
  return Number(value.toFixed(DIGITS));
}

main();
