import { capText } from '../cap-text.ts';
import { hashOfPair, hashOfShape } from '../hash-buckets.ts';
import { hashCharacters, tokenise } from '../tokens.ts';
import { unwrap } from '../wrappers.ts';

/** Endings that inflect an English word; the longer before those they end with. */
const ENDINGS = ['ings', 'ing', 'edly', 'ed', 'ies', 'es', 's', 'ly'] as const;
const STEM_CHARS_MIN = 4;

/**
 * The distinct words of a prompt without their endings, its numbers by their shape, and the pairs of
 * neighbours, as 32-bit hashes. Marks, politeness and what wraps the question are passed over.
 */
export function readTerms(prompt: string): Int32Array {
  const text = capText(prompt);
  const tokens = tokenise(text);
  const { from, to } = unwrap(tokens);
  const terms = new Set<number>();
  let previous: number | undefined;
  for (const token of tokens.list.slice(from, to)) {
    if (token.kind === 'mark') continue;
    const { start, end } = token;
    const hash =
      token.kind === 'word' ? hashCharacters(text, start, endOfStem(text, start, end)) : hashOfShape(token.hash);
    terms.add(hash);
    if (previous !== undefined) terms.add(hashOfPair(previous, hash));
    previous = hash;
  }
  return Int32Array.from(terms);
}

function endOfStem(text: string, start: number, end: number): number {
  for (const ending of ENDINGS) {
    if (end - ending.length - start >= STEM_CHARS_MIN && text.startsWith(ending, end - ending.length)) {
      return end - ending.length;
    }
  }
  return end;
}
