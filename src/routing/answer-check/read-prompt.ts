import { extractFeatures } from '../complexity/extract-features.ts';
import { failureProbability, routeScore } from '../complexity/prior.ts';
import { capAnswer, cleanText } from './clean-text.ts';
import { countNumberWords, readNumbers } from './read-numbers.ts';
import { type Option, readOptions } from './read-options.ts';
import { type Task, taskOf } from './task-of.ts';

/** What the scorer of prompts thinks of a question before there is an answer. */
export type PromptScores = {
  /** That a cheap model fails, from 0 to 1. */
  readonly failure: number;
  /** How much a stronger model would gain; about -3 to 3. */
  readonly route: number;
};

/** A question, read once. */
export type PromptReading = {
  readonly text: string;
  readonly task: Task;
  readonly scores: PromptScores;
  readonly numbers: readonly number[];
  readonly options: readonly Option[];
  readonly sentences: number;
};

/** Training passes scores of a prior that has not seen the question. */
export function readPrompt(prompt: string, scores: PromptScores = scoresOf(prompt)): PromptReading {
  const text = capAnswer(prompt);
  const cleaned = cleanText(text);
  const options = readOptions(text);
  const numbers = readNumbers(cleaned);
  return {
    text,
    task: taskOf(text, { options: options.length, numbers: numbers.length, numberWords: countNumberWords(cleaned) }),
    scores,
    numbers,
    options,
    sentences: cleaned.match(/[.!?](?=\s|$)/g)?.length ?? 0,
  };
}

function scoresOf(prompt: string): PromptScores {
  const features = extractFeatures(prompt);
  return { failure: failureProbability(features), route: routeScore(features) };
}
