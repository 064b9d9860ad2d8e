import { ANSWER_MODEL } from './answer-model.ts';
import { type AnswerCheck, judgeReading } from './judge-reading.ts';
import { readAnswer } from './read-answer.ts';
import { readPrompt } from './read-prompt.ts';

export type AnswerQuestion = {
  readonly prompt: string;
  readonly answer: string;
  /** What other models answered to the same. */
  readonly peers?: readonly string[];
};

/**
 * Reads a cheap model's answer and says how much it is to be doubted. Pure, and linear in the texts, of which the
 * first and the last 16,384 characters are read. Never throws.
 */
export function checkAnswer({ prompt, answer, peers = [] }: AnswerQuestion): AnswerCheck {
  const question = readPrompt(prompt);
  const reading = readAnswer(answer, question.task);
  const others = peers.map((peer) => readAnswer(peer, question.task));
  return judgeReading(question, reading, { peers: others, models: ANSWER_MODEL });
}
