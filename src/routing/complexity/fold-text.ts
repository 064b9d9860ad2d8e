import { isAscii } from './is-ascii.ts';

const INVISIBLE = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]/g;
/** Accents, and the vowel signs and hamzas that Arabic and its neighbours may leave out. */
const COMBINING = /[\u0300-\u036f\u064b-\u065f\u0670]/g;

/**
 * Lower case, compatibility forms, no accents and no invisible characters, so that `Compáralo`,
 * `COMPARALO` and full-width letters are one. Line breaks stay.
 */
export function foldText(text: string): string {
  if (isAscii(text)) return text.toLowerCase();
  return text.replace(INVISIBLE, '').normalize('NFKD').replace(COMBINING, '').normalize('NFC').toLowerCase();
}
