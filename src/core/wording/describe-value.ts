import { isAsWritten } from '../json/json.ts';

const CHARACTERS_SHOWN = 60;

/** A value as it may stand in a message: its kind, and the value itself where it is short. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (typeof value === 'string') return `the text ${JSON.stringify(shorten(value))}`;
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'a number too large to represent';
  if (isAsWritten(value)) return shorten(JSON.stringify(value));
  if (typeof value === 'boolean') return String(value);
  return Array.isArray(value) ? 'a list' : 'an object';
}

/** A text of at most so many characters; of a longer one its beginning, with no character cut in two, and that there is more. */
export function shorten(text: string, charactersMax = CHARACTERS_SHOWN): string {
  if (text.length <= charactersMax) return text;
  return `${text.slice(0, charactersMax - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
