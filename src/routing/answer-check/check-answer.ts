import { ANSWER_MODEL } from './answer-model.ts';
import { findFault } from './faults.ts';
import { type AnswerCheck, judgeReading } from './judge-reading.ts';
import { readAnswer } from './read-answer.ts';
import { readPrompt } from './read-prompt.ts';

export type AnswerQuestion = {
  readonly prompt: string;
  readonly answer: string;
  /** What other models answered to the same. */
  readonly peers?: readonly string[];
};

/** The doubt of something that is wrong more often than not, and has its good reasons now and then. */
const FAULT_DOUBT = 0.5;

/**
 * Reads a cheap model's answer and says how much it is to be doubted. Pure, and linear in the texts, of which the
 * first and the last 16,384 characters are read. Never throws.
 */
export function checkAnswer({ prompt, answer, peers = [] }: AnswerQuestion): AnswerCheck {
  const question = readPrompt(prompt);
  const reading = readAnswer(answer, question.task);
  const fault = findFault(question, reading);
  if (fault?.isCertain) {
    return { verdict: 'fail', doubt: 1, reasons: [{ name: fault.name, words: fault.words, weight: 1 }] };
  }
  const others = peers.map((peer) => readAnswer(peer, question.task));
  const judged = judgeReading(question, reading, { peers: others, models: ANSWER_MODEL });
  if (!fault) return judged;
  return {
    verdict: judged.verdict === 'pass' ? 'unsure' : judged.verdict,
    doubt: Math.max(FAULT_DOUBT, judged.doubt),
    reasons: [{ name: fault.name, words: fault.words, weight: 1 }, ...judged.reasons],
  };
}
