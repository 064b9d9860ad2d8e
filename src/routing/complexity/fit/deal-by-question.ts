import { hashCharacters } from '../tokens.ts';

/** Prompts that begin alike ask the same question, or share its passage. */
const BEGINNING_CHARS = 80;
/** Prompts that begin alike and are more than this share of all are told apart by more of their text. */
const SHARE_MAX = 0.5;

/**
 * Divides the places of prompts into parts; prompts that begin alike come into the same part. Where
 * most begin alike, that is a template around different questions, and a longer beginning counts.
 */
export function dealByQuestion(prompts: readonly string[], parts: number): readonly (readonly number[])[] {
  const dealt = Array.from({ length: parts }, (): number[] => []);
  // By hash, so that the order of the prompts means nothing.
  const questions = [...groupByQuestion(prompts)].sort(([left], [right]) => orderOf(left) - orderOf(right));
  for (const [at, [, places]] of questions.entries()) {
    const part = dealt[at % parts] as number[];
    for (const place of places) part.push(place);
  }
  return dealt.filter((places) => places.length > 0);
}

function groupByQuestion(prompts: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const longest = prompts.reduce((length, prompt) => Math.max(length, prompt.length), 0);
  for (let characters = BEGINNING_CHARS; ; characters *= 2) {
    const groups = Map.groupBy(prompts.keys(), (at) => beginningOf(prompts[at] as string, characters));
    const isTold = [...groups.values()].every(({ length }) => length <= SHARE_MAX * prompts.length);
    if (isTold || characters >= longest) return groups;
  }
}

function beginningOf(prompt: string, characters: number): string {
  const letters = prompt
    .slice(0, 8 * characters)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
  return letters.slice(0, characters);
}

function orderOf(question: string): number {
  return hashCharacters(question, 0, question.length);
}
