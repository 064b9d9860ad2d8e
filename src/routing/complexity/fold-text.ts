import { isAscii } from './is-ascii.ts';

const INVISIBLE = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]/g;
/** Accents, and the vowel signs and hamzas that Arabic and its neighbours may leave out. */
const COMBINING = /[\u0300-\u036f\u064b-\u065f\u0670]/g;
/** No language stacks as many (Unicode annex 15, section 13); to put more in order takes time by their square. */
const STACKED_TOO_HIGH = /(\p{M}{30})\p{M}+/gu;

/**
 * Lower case, compatibility forms, no accents and no invisible characters, so that `Compáralo`,
 * `COMPARALO` and full-width letters are one. Line breaks stay.
 */
export function foldText(text: string): string {
  if (isAscii(text)) return text.toLowerCase();
  const plain = text.replace(INVISIBLE, '').replace(STACKED_TOO_HIGH, '$1');
  return plain.normalize('NFKD').replace(COMBINING, '').normalize('NFC').toLowerCase();
}
