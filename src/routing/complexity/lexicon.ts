import type { LexiconGroup } from './lexicon-words.ts';
import type { Entry } from './vocabulary.ts';

/** The words of one group that were found: their joined strength, and the words for people. */
export type LexiconFinding = { readonly points: number; readonly words: string };
export type LexiconFindings = Readonly<Record<LexiconGroup, LexiconFinding>>;

/** Each further word of a group counts this much less than the one before it. */
const FURTHER_WORD = { task: 0.3, depth: 0.5, scale: 0.6, subject: 0.7, ease: 0 } as const satisfies Record<
  LexiconGroup,
  number
>;
const WORDS_SHOWN_MAX = 4;
const NOTHING: LexiconFinding = { points: 0, words: '' };

/** Sums up the entries that were found, each with the word of the text that found it. */
export function sumUpFindings(found: ReadonlyMap<Entry, string>): LexiconFindings {
  return {
    task: sumUp('task', found),
    depth: sumUp('depth', found),
    scale: sumUp('scale', found),
    subject: sumUp('subject', found),
    ease: sumUp('ease', found),
  };
}

function sumUp(group: LexiconGroup, found: ReadonlyMap<Entry, string>): LexiconFinding {
  const entries: Entry[] = [];
  for (const entry of found.keys()) if (entry.group === group) entries.push(entry);
  if (entries.length === 0) return NOTHING;
  entries.sort((left, right) => right.points - left.points);
  let points = 0;
  let share = 1;
  for (const entry of entries) {
    points += entry.points * share;
    share *= FURTHER_WORD[group];
  }
  const words = entries.slice(0, WORDS_SHOWN_MAX).map((entry) => found.get(entry));
  return { points, words: words.join(', ') };
}
