import { cleanText } from './clean-text.ts';
import { readNumbers } from './read-numbers.ts';

/** What an answer comes to. */
export type FinalAnswer =
  | { readonly kind: 'number'; readonly value: number; readonly isCued: boolean }
  | { readonly kind: 'option'; readonly letter: string; readonly isCued: boolean }
  | { readonly kind: 'text'; readonly text: string; readonly isCued: boolean }
  | { readonly kind: 'none' };

export type Wanted = 'number' | 'option' | 'any';

/** What stands behind a cue is read so far. */
const CUED_CHARS_MAX = 240;
/** Where an answer is no longer than this, all of it is the final answer. */
const SHORT_CHARS_MAX = 60;

/**
 * Where a worked answer says what it comes to, in the languages where the word is known. What a cue introduces ends
 * with its line.
 */
const CUES: readonly RegExp[] = [
  /\\boxed ?\{/g,
  /^[ \t]*####[ \t]*/gm,
  /"(?:final[_ ]?answer|answer|result|solution|value|choice|antwort|respuesta|réponse|risposta|resposta)"[ \t]*:[ \t]*"?/gi,
  /(?:\b(?:final answer|the answer|correct (?:answer|option|choice)|answer|antwort|ergebnis|lösung|respuesta|resultado|réponse|résultat|risposta|risultato|resposta|antwoord|svar|odpowiedź|ответ|відповідь|cevap|jawaban|đáp án)\b|答案|答え|정답)[^\n]{0,30}?(?:\b(?:is|ist|lautet|es|est|è|é)\b|[:=：]|为|是|は)[ \t"]*/giu,
];

const OPTION_BEGINS = /^[\s$"'([{]*(?:option |choice )?[([]?([A-Za-z])(?:[)\]}]|[\s"'$.:,;]|$)/i;
const OPTION_ANYWHERE = /(?:\(([A-Z])\)|\b(?:option|choice) ([A-Z])\b)/g;

/**
 * The last thing a cue introduces; without a cue the whole of a short answer, or the last number of a long one.
 * A number or an option letter is looked for where the question wants one.
 */
export function findFinalAnswer(answer: string, wanted: Wanted): FinalAnswer {
  const cued = textBehindCue(answer);
  if (cued !== undefined) {
    const found = readAs(cued, wanted);
    if (found) return { ...found, isCued: true };
  }
  const trimmed = answer.trim();
  if (trimmed === '') return { kind: 'none' };
  if (trimmed.length <= SHORT_CHARS_MAX) return { ...(readAs(trimmed, wanted) ?? toText(trimmed)), isCued: false };
  if (wanted === 'option') return lastOption(trimmed);
  if (wanted === 'any') return { kind: 'none' };
  const last = readNumbers(cleanText(trimmed.slice(-600))).at(-1);
  return last === undefined ? { kind: 'none' } : { kind: 'number', value: last, isCued: false };
}

/** Whether two answers come to the same; undefined when one comes to nothing that can be compared. */
export function agree(one: FinalAnswer, other: FinalAnswer): boolean | undefined {
  if (one.kind === 'none' || other.kind === 'none') return undefined;
  if (one.kind === 'number' && other.kind === 'number')
    return Math.abs(one.value - other.value) <= 1e-4 * Math.max(1, Math.abs(one.value));
  if (one.kind === 'option' && other.kind === 'option') return one.letter === other.letter;
  if (one.kind === 'text' && other.kind === 'text') return one.text === other.text;
  return undefined;
}

function textBehindCue(answer: string): string | undefined {
  for (const cue of CUES) {
    let end = -1;
    for (const found of answer.matchAll(cue)) end = found.index + found[0].length;
    if (end < 0) continue;
    const line = (answer.slice(end, end + CUED_CHARS_MAX).split(/\n|\\n/, 1)[0] as string).trim();
    if (line !== '') return line;
  }
  return undefined;
}

type Found =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'option'; readonly letter: string }
  | { readonly kind: 'text'; readonly text: string };

function readAs(text: string, wanted: Wanted): Found | undefined {
  if (wanted !== 'number') {
    const letter = OPTION_BEGINS.exec(text.replaceAll('*', ''))?.[1];
    if (letter !== undefined && (wanted === 'option' || letter === letter.toUpperCase()))
      return { kind: 'option', letter: letter.toUpperCase() };
  }
  if (wanted === 'option') {
    const found = lastOption(text);
    return found.kind === 'option' ? found : undefined;
  }
  const numbers = readNumbers(firstClause(cleanText(text)));
  const value = text.includes('=') ? numbers.at(-1) : numbers[0];
  if (value !== undefined) return { kind: 'number', value };
  return wanted === 'any' && text.length <= SHORT_CHARS_MAX ? toText(text) : undefined;
}

/** What follows a full stop or begins in brackets explains. */
function firstClause(text: string): string {
  const end = text.search(/[.;] |[)"}]\s*$| \(/);
  const clause = end > 0 ? text.slice(0, end) : text;
  return /\d/.test(clause) ? clause : text;
}

function lastOption(text: string): FinalAnswer & { kind: 'option' | 'none' } {
  const found = [...text.slice(-600).matchAll(OPTION_ANYWHERE)].at(-1);
  const letter = found?.[1] ?? found?.[2];
  return letter === undefined ? { kind: 'none' } : { kind: 'option', letter, isCued: false };
}

function toText(text: string): { kind: 'text'; text: string } {
  const folded = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
  return { kind: 'text', text: folded };
}
