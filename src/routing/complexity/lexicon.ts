import { foldText } from './fold-text.ts';
import { LEXICON_WORDS, type LexiconGroup } from './lexicon-words.ts';
import { isUnspaced, segmentWords } from './words.ts';

type Entry = { readonly group: LexiconGroup; readonly points: number; readonly text: string };
type Stem = { readonly stem: string; readonly entry: Entry };

/** The words of one group that were found: their joined strength, and the words for people. */
export type LexiconFinding = { readonly points: number; readonly words: string };

const wholeWords = new Map<string, Entry>();
const stemsByStart = new Map<string, Stem[]>();
const pairsByFirst = new Map<string, { readonly second: string; readonly stem: boolean; readonly entry: Entry }[]>();
const insideRuns: Stem[] = [];
const STEM_START = 2;
for (const [group, points, list] of LEXICON_WORDS) {
  for (const text of list.split(',')) addEntry(text.trim(), group, points);
}

/** Each further word of a group counts this much less than the one before it. */
const FURTHER_WORD = { task: 0.3, depth: 0.5, scale: 0.6, subject: 0.7, ease: 0 } as const satisfies Record<
  LexiconGroup,
  number
>;
const WORDS_SHOWN_MAX = 4;

/** Looks up whole words, stems and pairs. Linear in the words. */
export function consultLexicon(words: readonly string[]): Readonly<Record<LexiconGroup, LexiconFinding>> {
  const found = new Map<Entry, string>();
  for (const [at, word] of words.entries()) {
    if (isUnspaced(word)) {
      for (const { stem, entry } of insideRuns) if (word.includes(stem)) found.set(entry, stem);
      continue;
    }
    const pair = pairAt(words, at);
    if (pair) found.set(pair, `${word} ${words[at + 1]}`);
    const entry = wholeWords.get(word) ?? stemOf(word);
    if (entry && !found.has(entry)) found.set(entry, word);
  }
  return {
    task: sumUp('task', found),
    depth: sumUp('depth', found),
    scale: sumUp('scale', found),
    subject: sumUp('subject', found),
    ease: sumUp('ease', found),
  };
}

function sumUp(group: LexiconGroup, found: ReadonlyMap<Entry, string>): LexiconFinding {
  const entries = [...found].filter(([entry]) => entry.group === group);
  entries.sort(([left], [right]) => right.points - left.points);
  let points = 0;
  let share = 1;
  for (const [entry] of entries) {
    points += entry.points * share;
    share *= FURTHER_WORD[group];
  }
  const words = entries.slice(0, WORDS_SHOWN_MAX).map(([, word]) => word);
  return { points, words: words.join(', ') };
}

function stemOf(word: string): Entry | undefined {
  for (const { stem, entry } of stemsByStart.get(word.slice(0, STEM_START)) ?? []) {
    if (word.startsWith(stem)) return entry;
  }
  return undefined;
}

function pairAt(words: readonly string[], at: number): Entry | undefined {
  const next = words[at + 1];
  if (next === undefined) return undefined;
  for (const { second, stem, entry } of pairsByFirst.get(words[at] as string) ?? []) {
    if (stem ? next.startsWith(second) : next === second) return entry;
  }
  return undefined;
}

function addEntry(text: string, group: LexiconGroup, points: number): void {
  const isStem = text.endsWith('*');
  const words = segmentWords(foldText(text));
  const first = words[0] as string;
  const entry = { group, points, text };
  const second = words[1];
  if (second !== undefined) {
    pairsByFirst.set(first, [...(pairsByFirst.get(first) ?? []), { second, stem: isStem, entry }]);
  } else if (isUnspaced(first)) {
    insideRuns.push({ stem: first, entry });
  } else if (isStem) {
    const start = first.slice(0, STEM_START);
    stemsByStart.set(start, [...(stemsByStart.get(start) ?? []), { stem: first, entry }]);
  } else {
    wholeWords.set(first, entry);
  }
}
