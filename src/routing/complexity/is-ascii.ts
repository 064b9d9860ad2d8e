import { Buffer } from 'node:buffer';

/** Is all of it ASCII? Such a text has as many bytes as characters, which costs less to ask than an expression. */
export function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}
