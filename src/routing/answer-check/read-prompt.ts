import { capAnswer, cleanText } from './clean-text.ts';
import { readNumbers, readNumberWords } from './read-numbers.ts';
import { countOptions, type Task, taskOf } from './task-of.ts';

/** A question, read once. */
export type PromptReading = {
  readonly text: string;
  readonly task: Task;
  readonly numbers: readonly number[];
  readonly numberWords: readonly number[];
  readonly options: number;
  readonly sentences: number;
  readonly words: readonly string[];
};

export function readPrompt(prompt: string): PromptReading {
  const text = capAnswer(prompt);
  const cleaned = cleanText(text);
  return {
    text,
    task: taskOf(text),
    numbers: readNumbers(cleaned),
    numberWords: readNumberWords(cleaned),
    options: countOptions(text),
    sentences: cleaned.match(/[.!?](?=\s|$)/g)?.length ?? 0,
    words: cleaned.toLowerCase().match(/\p{L}+/gu) ?? [],
  };
}
