import { cleanText } from './clean-text.ts';
import { canonicalJson } from './read-json.ts';
import { readNumbers } from './read-numbers.ts';

/** What an answer comes to. */
export type FinalAnswer =
  | { readonly kind: 'number'; readonly value: number; readonly isCued: boolean }
  | { readonly kind: 'option'; readonly letter: string; readonly isCued: boolean }
  | { readonly kind: 'text'; readonly text: string; readonly isCued: boolean }
  | { readonly kind: 'none' };

/** What the question asks for. */
export type Wanted = 'number' | 'option' | 'any';

/** What stands behind a cue is read so far. */
const CUED_CHARS_MAX = 240;
/** Where an answer is no longer than this, all of it is the final answer. */
const SHORT_CHARS_MAX = 60;
/** Without a cue, the end of a text is read from here. */
const END_CHARS = 600;
/** Texts of more words may say the same in different ones. */
const COMPARED_WORDS_MAX = 4;
/** So many statements of a final answer are compared with each other, the last ones. */
const STATED_MAX = 8;

/**
 * Where a worked answer says what it comes to, in the languages where the word is known. What a cue introduces ends
 * with its line.
 */
const CUES: readonly RegExp[] = [
  /\\boxed ?\{/g,
  /^[ \t]{0,8}####[ \t]{0,8}/gm,
  /"(?:final[_ ]?answer|answer|result|solution|value|choice|antwort|respuesta|réponse|risposta|resposta)"[ \t]{0,8}:[ \t]{0,8}"?/gi,
  /(?:\b(?:final answer|the answer|correct (?:answer|option|choice)|answer|antwort|ergebnis|lösung|respuesta|resultado|réponse|résultat|risposta|risultato|resposta|antwoord|svar|odpowiedź|ответ|відповідь|cevap|jawaban|đáp án)\b|答案|答え|정답)[^\n]{0,30}?(?:\b(?:is|ist|lautet|es|est|è|é)\b|[:=：]|为|是|は)[ \t"]{0,8}/giu,
];

/** No `I'd say` and no `I would`. */
const OPTION_BEGINS =
  /^[\s$"'([{]*(?:option |choice )?[([]?(?!i(?:['’]| (?!is\b|and\b|or\b))\p{L})([A-Za-z])(?:[)\]}]|[\s"'$.:,;]|$)/iu;
const OPTION_ANYWHERE = /(?:\(([A-Z])\)|\b(?:option|choice) ([A-Z])\b)/g;

/**
 * The last thing a cue introduces; without a cue the whole of a short answer, or the last number of a long one.
 * A number or an option letter is looked for where the question wants one.
 */
export function findFinalAnswer(answer: string, wanted: Wanted): FinalAnswer {
  const cued = textsBehindCue(answer).at(-1);
  const found = cued === undefined ? undefined : readAs(cued, wanted);
  if (found) return { ...found, isCued: true };
  const trimmed = answer.trim();
  if (trimmed === '') return { kind: 'none' };
  if (wanted === 'any') {
    const json = canonicalJson(trimmed);
    if (json !== undefined) return { kind: 'text', text: json, isCued: false };
  }
  if (trimmed.length <= SHORT_CHARS_MAX) return { ...(readAs(trimmed, wanted) ?? toText(trimmed)), isCued: false };
  if (wanted === 'option') return lastOption(trimmed);
  if (wanted === 'any') return { kind: 'none' };
  const last = readNumbers(cleanText(trimmed.slice(-END_CHARS))).at(-1);
  return last === undefined ? { kind: 'none' } : { kind: 'number', value: last, isCued: false };
}

/** Does an answer state more than one final answer, behind cues of the same kind? */
export function contradictsItself(answer: string, wanted: Wanted): boolean {
  const stated = textsBehindCue(answer).slice(-STATED_MAX);
  const finals = stated.flatMap((text): FinalAnswer[] => {
    const found = readAs(text, wanted);
    return found ? [{ ...found, isCued: true }] : [];
  });
  const last = finals.at(-1);
  return last !== undefined && finals.some((earlier) => agree(earlier, last) === false);
}

/** Whether two answers come to the same; undefined when one comes to nothing that can be compared. */
export function agree(one: FinalAnswer, other: FinalAnswer): boolean | undefined {
  if (one.kind === 'none' || other.kind === 'none') return undefined;
  if (one.kind === 'number' && other.kind === 'number') {
    return Math.abs(one.value - other.value) <= 1e-4 * Math.max(1, Math.abs(one.value));
  }
  if (one.kind === 'option' && other.kind === 'option') return one.letter === other.letter;
  if (one.kind === 'text' && other.kind === 'text') return agreeInWords(one.text, other.text);
  return undefined;
}

/** `Paris` and `The capital is Paris` are the same; of two sentences nobody knows. JSON has one spelling. */
function agreeInWords(one: string, other: string): boolean | undefined {
  if (one === other) return true;
  if (/^[[{]/.test(one) || /^[[{]/.test(other)) return false;
  if (` ${one} `.includes(` ${other} `) || ` ${other} `.includes(` ${one} `)) return true;
  const areFewWords = Math.max(one.split(' ').length, other.split(' ').length) <= COMPARED_WORDS_MAX;
  return areFewWords ? false : undefined;
}

/** What stands behind each cue of the surest kind that the answer has. */
function textsBehindCue(answer: string): readonly string[] {
  for (const cue of CUES) {
    const ends = Array.from(answer.matchAll(cue), (found) => found.index + found[0].length);
    const lines = ends.slice(-STATED_MAX).map((end) => lineFrom(answer, end));
    const written = lines.filter((line) => line !== '');
    if (written.length > 0) return written;
  }
  return [];
}

function lineFrom(answer: string, from: number): string {
  return (answer.slice(from, from + CUED_CHARS_MAX).split(/\n|\\n/, 1)[0] as string).trim();
}

type Found =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'option'; readonly letter: string }
  | { readonly kind: 'text'; readonly text: string };

function readAs(text: string, wanted: Wanted): Found | undefined {
  if (wanted !== 'number') {
    const letter = OPTION_BEGINS.exec(text.replaceAll('*', ''))?.[1];
    if (letter !== undefined && (wanted === 'option' || isOption(text))) {
      return { kind: 'option', letter: letter.toUpperCase() };
    }
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

/** `B`, `(b)` and `B. Paris`, but no `A dog`: where no options were seen, a word may be a letter. */
function isOption(text: string): boolean {
  return /^[\s*$"']*(?:\([A-Za-z]\)|[A-Z][\s*$"'}]*(?:$|[).:]))/.test(text);
}

/** What follows a full stop or begins in brackets explains. */
function firstClause(text: string): string {
  const end = text.search(/[.;] |[)"}]\s*$| \(/);
  const clause = end > 0 ? text.slice(0, end) : text;
  return /\d/.test(clause) ? clause : text;
}

function lastOption(text: string): FinalAnswer & { kind: 'option' | 'none' } {
  const found = [...text.slice(-END_CHARS).matchAll(OPTION_ANYWHERE)].at(-1);
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
