import { sortedKeys } from '../../core/json/json.ts';

/** Longer texts are not parsed. */
const JSON_CHARS_MAX = 1_000_000;
const FENCE = '```';

/** The JSON of an answer that is nothing else, but for a fence around it or words before and behind; else undefined. */
export function readJson(answer: string): { readonly value: unknown } | undefined {
  if (answer.length > JSON_CHARS_MAX) return undefined;
  return parse(answer) ?? parse(insideFence(answer)) ?? parse(insideBrackets(answer));
}

/** An answer that is JSON, in one spelling: keys sorted, no white space. Undefined for one that is not, or too deep. */
export function canonicalJson(answer: string): string | undefined {
  const text = answer.startsWith(FENCE) ? insideFence(answer) : answer;
  if (!/^\s{0,8}[[{]/.test(text)) return undefined;
  const parsed = parse(text);
  if (!parsed) return undefined;
  try {
    return JSON.stringify(parsed.value, sortedKeys);
  } catch (error) {
    // Brackets nested deeper than the stack.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function parse(text: string | undefined): { readonly value: unknown } | undefined {
  if (text === undefined) return undefined;
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function insideFence(answer: string): string {
  const open = answer.indexOf(FENCE);
  const from = answer.indexOf('\n', open);
  const to = answer.lastIndexOf(FENCE);
  return open < 0 ? '' : answer.slice(from, to);
}

function insideBrackets(answer: string): string {
  const from = answer.search(/[[{]/);
  const to = Math.max(answer.lastIndexOf('}'), answer.lastIndexOf(']'));
  return from < 0 ? '' : answer.slice(from, to + 1);
}
