import { add, SLOT, type SurfaceName } from './surface.ts';
import type { Token, TokenRange, Tokens } from './tokens.ts';

/** What a mark counts as. Marks that are not here count as marks only. */
const MARK_SLOTS = new Map<number, number>([
  ...entries(',', 'commas'),
  ...entries('.!。！;；', 'sentences'),
  ...entries('?？؟', 'question marks'),
  ...entries(':', 'colons'),
  ...entries('()（）', 'brackets'),
  ...entries('"“”«»„', 'quotation marks'),
  ...entries('+*/^×÷·−', 'operators'),
  ...entries('=<>≤≥≠≈', 'equations'),
  ...entries('$€£¥', 'money'),
  ...entries('%', 'percentages'),
  ...entries('-–—', 'dashes'),
  ...entries('_', 'blanks'),
  ...entries('∑∫∂√∞∀∃∈∩∪⊂→⇒π', 'mathematical marks'),
  ...entries('{}[];#`&|~@', 'code marks'),
]);

/** Counts the marks of a question, its options aside, and the sentences that they end. */
export function countMarks({ list }: Tokens, { from, to }: TokenRange, surface: Float64Array): void {
  let characters = 0;
  let sentenceStart = from;
  let longest = 0;
  let last = 0;
  let hasNumber = false;
  for (let at = from; at < to; at += 1) {
    const { kind, hash, start, end } = list[at] as Token;
    characters += end - start;
    if (kind === 'word') continue;
    if (kind === 'number') hasNumber = true;
    else if (kind === 'ideograph') add(surface, SLOT.ideographs);
    else if (countMark(hash, surface)) {
      const length = at - sentenceStart;
      longest = Math.max(longest, length);
      if (length > 0) last = length;
      if (hasNumber) add(surface, SLOT['sentences with numbers']);
      hasNumber = false;
      sentenceStart = at + 1;
    }
  }
  const rest = to - sentenceStart;
  if (hasNumber) add(surface, SLOT['sentences with numbers']);
  surface[SLOT.length] = characters;
  surface[SLOT['longest sentence']] = Math.max(longest, rest);
  surface[SLOT['last sentence']] = rest > 1 ? rest : last;
}

/** Tells whether the mark ends a sentence. */
function countMark(code: number, surface: Float64Array): boolean {
  const slot = MARK_SLOTS.get(code);
  add(surface, SLOT.marks);
  if (slot === undefined) return false;
  add(surface, slot);
  if (slot === SLOT['question marks']) add(surface, SLOT.sentences);
  return slot === SLOT.sentences || slot === SLOT['question marks'];
}

function entries(marks: string, name: SurfaceName): readonly (readonly [number, number])[] {
  return [...marks].map((mark) => [mark.charCodeAt(0), SLOT[name]] as const);
}
