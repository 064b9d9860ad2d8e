import { foldText } from './fold-text.ts';
import { segmentWords } from './words.ts';

type Spoken = { readonly hash: number };
/** Phrases by their first word, longest first; of each the hashes of its words. */
export type PhraseTable = ReadonlyMap<number, readonly (readonly number[])[]>;

/** Of phrases as people write them; `backward` for words that are read last first. */
export function toPhraseTable(phrases: readonly string[], order: 'forward' | 'backward' = 'forward'): PhraseTable {
  const table = new Map<number, (readonly number[])[]>();
  for (const phrase of phrases) {
    const hashes = segmentWords(foldText(phrase)).list.map(({ hash }) => hash);
    if (order === 'backward') hashes.reverse();
    const first = hashes[0] as number;
    table.set(first, [...(table.get(first) ?? []), hashes]);
  }
  for (const alike of table.values()) alike.sort((left, right) => right.length - left.length);
  return table;
}

/** How many words the longest phrase of the table has that begins at a place among words; 0 when none does. */
export function longestPhrase(table: PhraseTable, words: readonly Spoken[], from: number): number {
  const first = words[from];
  const alike = first && table.get(first.hash);
  const longest = alike?.find((phrase) => phrase.every((hash, offset) => words[from + offset]?.hash === hash));
  return longest?.length ?? 0;
}
