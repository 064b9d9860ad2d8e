import { capText } from '../cap-text.ts';
import { hashOfPair, hashOfShape } from '../hash-buckets.ts';
import { hashCharacters, TOKEN, tokenise } from '../tokens.ts';
import { unwrap } from '../wrappers.ts';

/** Endings that inflect an English word; the longer before those they end with. */
const ENDINGS = ['ings', 'ing', 'edly', 'ed', 'ies', 'es', 's', 'ly'] as const;
const STEM_CHARS_MIN = 4;

/**
 * The distinct words of a prompt without their endings, its numbers by their shape, and the pairs of
 * neighbours, as 32-bit hashes. Marks, politeness and what wraps the question are passed over.
 */
export function readTerms(prompt: string): Int32Array {
  const tokens = tokenise(capText(prompt));
  const { from, to } = unwrap(tokens);
  const terms = new Set<number>();
  let previous: number | undefined;
  for (let at = from; at < to; at += 1) {
    const kind = tokens.kinds[at] as number;
    if (kind === TOKEN.mark) continue;
    const start = tokens.starts[at] as number;
    const end = tokens.ends[at] as number;
    const hash =
      kind === TOKEN.word
        ? hashCharacters(tokens.text, start, endOfStem(tokens.text, start, end))
        : hashOfShape(tokens.hashes[at] as number);
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
