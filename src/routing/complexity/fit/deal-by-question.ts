import { hashCharacters } from '../tokens.ts';

/** Prompts that begin alike ask the same question, or share its passage. */
const BEGINNING_CHARS = 80;

/** Divides the places of prompts into parts; prompts that begin alike come into the same part. */
export function dealByQuestion(prompts: readonly string[], parts: number): readonly (readonly number[])[] {
  const dealt = Array.from({ length: parts }, (): number[] => []);
  const byQuestion = Map.groupBy(prompts.keys(), (at) => beginningOf(prompts[at] as string));
  // By hash, so that the order of the prompts means nothing.
  const questions = [...byQuestion].sort(([left], [right]) => orderOf(left) - orderOf(right));
  for (const [at, [, places]] of questions.entries()) (dealt[at % parts] as number[]).push(...places);
  return dealt.filter((places) => places.length > 0);
}

function beginningOf(prompt: string): string {
  const letters = prompt
    .slice(0, 8 * BEGINNING_CHARS)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
  return letters.slice(0, BEGINNING_CHARS);
}

function orderOf(question: string): number {
  return hashCharacters(question, 0, question.length);
}
