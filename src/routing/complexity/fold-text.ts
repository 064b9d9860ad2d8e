import { isAscii } from './is-ascii.ts';

const INVISIBLE = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]/g;
/** Accents, and the vowel signs and hamzas that Arabic and its neighbours may leave out. */
const COMBINING = /[\u0300-\u036f\u064b-\u065f\u0670]/g;
/** No language stacks as many (Unicode annex 15, section 13); to put more in order takes time by their square. */
const STACKED_TOO_HIGH = /(\p{M}{30})\p{M}+/gu;
/** Marks are above this, so without such a run there is no stack; quickly told. */
const MAY_BE_STACKED = /[\u0300-\uffff]{31}/;

/** Beyond ASCII, what most texts have no more of: Latin letters, and marks and symbols that books and chats use. */
const COMMON = String.raw`\u0080-\u024f\u2010-\u205e\u20a0-\u20bf\u2190-\u21ff\u2500-\u27bf`;
const ANY_COMMON = new RegExp(`[${COMMON}]`, 'g');
const ANY_OTHER = new RegExp(`[^\\0-\\x7f${COMMON}]`);
/** What has become of them; none of them has an influence on its neighbours. */
const foldedCommon = new Map<string, string>();

/** The last text and what came of it: whoever classifies a turn reads its words and its features, folded both. */
let last = { text: '', folded: '' };

/**
 * Lower case, compatibility forms, no accents and no invisible characters, so that `Compáralo`,
 * `COMPARALO` and full-width letters are one. Line breaks stay.
 */
export function foldText(text: string): string {
  if (last.text !== text) last = { text, folded: isAscii(text) ? text.toLowerCase() : fold(text) };
  return last.folded;
}

function fold(text: string): string {
  return ANY_OTHER.test(text) ? foldAny(text) : text.replace(ANY_COMMON, foldCommon).toLowerCase();
}

function foldCommon(character: string): string {
  let folded = foldedCommon.get(character);
  if (folded === undefined) {
    folded = foldAny(character);
    foldedCommon.set(character, folded);
  }
  return folded;
}

function foldAny(text: string): string {
  const visible = text.replace(INVISIBLE, '');
  const plain = MAY_BE_STACKED.test(visible) ? visible.replace(STACKED_TOO_HIGH, '$1') : visible;
  return plain.normalize('NFKD').replace(COMBINING, '').normalize('NFC').toLowerCase();
}
