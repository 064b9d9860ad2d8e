import { stripVTControlCharacters, styleText } from 'node:util';

/** A pipe has no width; this one suits a small terminal and a mail. */
const PIPE_COLUMNS = 80;

/** How many characters fit on a line of standard output: a whole number above 0. */
export function outputColumns(): number {
  const named = Number(process.env.COLUMNS);
  return process.stdout.columns || (Number.isSafeInteger(named) && named > 0 ? named : PIPE_COLUMNS);
}

/**
 * Text of a model or a provider as a terminal may show it: without escape sequences, which could
 * rewrite what stands above, and without other control characters.
 */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replace(/[^\P{Cc}\n\t]/gu, '');
}

/** The same on one line. */
export function oneLine(text: string): string {
  return printable(text).replace(/\s+/g, ' ').trim();
}

/** Styled when standard output is a terminal that shows colours; `NO_COLOR` is respected. */
export function bold(text: string): string {
  return styleText('bold', text);
}

export function dim(text: string): string {
  return styleText('dim', text);
}

export function good(text: string): string {
  return styleText('green', text);
}

export function doubtful(text: string): string {
  return styleText('yellow', text);
}

export function bad(text: string): string {
  return styleText('red', text);
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** A line for the person, beside the result: to standard error. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}
