import { capAnswer, cleanText } from './clean-text.ts';
import { readTokens } from './equation-tokens.ts';
import { checkEquations, type Equations } from './equations.ts';
import { type FinalAnswer, findFinalAnswer } from './final-answer.ts';
import { countPhrases, type PhraseCounts } from './phrases.ts';
import { readNumbers } from './read-numbers.ts';
import type { Task } from './task-of.ts';

/** An answer, read once for all checks. */
export type AnswerReading = {
  /** Capped. */
  readonly text: string;
  readonly final: FinalAnswer;
  readonly equations: Equations;
  readonly numbers: readonly number[];
  readonly phrases: PhraseCounts;
  /** Lines and sentences, folded; the longest first 400 of them. */
  readonly statements: readonly string[];
  /** Distinct words of three letters and more. */
  readonly words: ReadonlySet<string>;
};

const STATEMENTS_MAX = 400;

/** Reads an answer to a kind of task. */
export function readAnswer(answer: string, task: Task): AnswerReading {
  const text = capAnswer(answer);
  const cleaned = cleanText(text);
  const folded = cleaned.toLowerCase();
  const statements = folded
    .split(/\n+|[.!?。！？](?=\s|$)/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
  return {
    text,
    final: findFinalAnswer(text, task === 'choice' ? 'option' : task === 'arithmetic' ? 'number' : 'any'),
    equations: checkEquations(readTokens(cleaned)),
    numbers: readNumbers(cleaned),
    phrases: countPhrases(folded),
    statements: statements.slice(0, STATEMENTS_MAX),
    words: new Set(folded.match(/\p{L}{3,}/gu)),
  };
}
