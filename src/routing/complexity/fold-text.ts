const INVISIBLE = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]/g;
const COMBINING_LATIN = /[\u0300-\u036f]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the ASCII range is what is meant
const ASCII_ONLY = /^[\x00-\x7f]*$/;

/**
 * Lower case, compatibility forms, no accents and no invisible characters, so that `Compáralo`,
 * `COMPARALO` and full-width letters are one. Line breaks stay.
 */
export function foldText(text: string): string {
  if (ASCII_ONLY.test(text)) return text.toLowerCase();
  return text.replace(INVISIBLE, '').normalize('NFKD').replace(COMBINING_LATIN, '').normalize('NFC').toLowerCase();
}
