import { Buffer } from 'node:buffer';

/** No text longer than this is read; see `capText` and `normaliseAsk`. */
export const TEXT_CHARS_MAX = 4_608;

/** Memory for the UTF-16 codes of one text at a time: a loop over these costs a third of one over a string. */
export class TextCodes {
  readonly codes: Uint16Array = new Uint16Array(TEXT_CHARS_MAX);
  readonly #bytes = Buffer.from(this.codes.buffer);

  /** Takes the place of the text before it; gives how many codes were read. */
  read(text: string): number {
    const bytes = this.#bytes.write(text, 'utf16le');
    if (IS_BIG_ENDIAN) this.#bytes.subarray(0, bytes).swap16();
    return bytes / 2;
  }
}

/** The UTF-16 codes of a text, in memory of their own. */
export function codesOf(text: string): Uint16Array {
  const codes = new Uint16Array(text.length);
  for (let at = 0; at < text.length; at += 1) codes[at] = text.charCodeAt(at);
  return codes;
}

const IS_BIG_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 0;
