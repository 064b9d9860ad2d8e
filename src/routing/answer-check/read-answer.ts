import { capAnswer, cleanText } from './clean-text.ts';
import { readTokens } from './equation-tokens.ts';
import { checkEquations, type Equations } from './equations.ts';
import { contradictsItself, type FinalAnswer, findFinalAnswer } from './final-answer.ts';
import { countPhrases, type PhraseCounts } from './phrases.ts';
import { readNumbers } from './read-numbers.ts';
import type { Task } from './task-of.ts';

/** An answer, read once for all checks. */
export type AnswerReading = {
  /** Capped. */
  readonly text: string;
  /** Uncapped, for what must be parsed. */
  readonly whole: string;
  readonly final: FinalAnswer;
  readonly contradictsItself: boolean;
  readonly equations: Equations;
  readonly numbers: readonly number[];
  readonly phrases: PhraseCounts;
  /** The first lines and sentences, folded. */
  readonly statements: readonly string[];
  /** The share of the statements that were made before. */
  readonly repetition: number;
  /** What stands before the final answer. */
  readonly reasoning: string;
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
    whole: answer,
    final: findFinalAnswer(text, WANTED[task]),
    contradictsItself: contradictsItself(text, WANTED[task]),
    equations: checkEquations(readTokens(cleaned)),
    numbers: readNumbers(cleaned),
    phrases: countPhrases(folded),
    statements: statements.slice(0, STATEMENTS_MAX),
    repetition: statements.length === 0 ? 0 : 1 - new Set(statements).size / statements.length,
    reasoning: cleaned.slice(0, Math.max(0, cleaned.lastIndexOf('answer is'))) || cleaned,
  };
}

const WANTED = { arithmetic: 'number', choice: 'option', other: 'any' } as const;
