import { isAscii } from './is-ascii.ts';

const INVISIBLE = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]/g;
const COMBINING_LATIN = /[\u0300-\u036f]/g;

/**
 * Lower case, compatibility forms, no accents and no invisible characters, so that `Compáralo`,
 * `COMPARALO` and full-width letters are one. Line breaks stay.
 */
export function foldText(text: string): string {
  if (isAscii(text)) return text.toLowerCase();
  return text.replace(INVISIBLE, '').normalize('NFKD').replace(COMBINING_LATIN, '').normalize('NFC').toLowerCase();
}
