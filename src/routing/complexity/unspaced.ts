/** Scripts written without spaces, for a character class: a run of them counts by its characters, and is searched inside. */
export const UNSPACED = String.raw`\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmr}\p{sc=Mymr}ー々`;

const UNSPACED_WORD = new RegExp(`^[${UNSPACED}]`, 'v');
const FIRST_UNSPACED = 0x0e00;

/** Is this a run of a script that writes no spaces? */
export function isUnspaced(word: string): boolean {
  return word.charCodeAt(0) >= FIRST_UNSPACED && UNSPACED_WORD.test(word);
}
