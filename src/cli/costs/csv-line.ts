/**
 * Where a spreadsheet would take what follows for a formula: at the beginning of a cell, and after whatever some
 * spreadsheet takes for the end of one (OWASP, CSV injection). The full-width signs are taken for signs as well.
 */
const FORMULA = /(^|[;,|"'\t\r\n])(\s*)(?=[=+\-@＝＋－＠])/g;
const CONTROL = /[\p{Cc}\u2028\u2029]+/gu;

/**
 * One line of CSV (RFC 4180). Numbers stand as they are; text is always in quotes, on one line, and with an
 * apostrophe before what could be run as a formula. No value is an empty cell.
 */
export function csvLine(values: readonly (string | number | null)[]): string {
  return `${values.map(toCell).join(',')}\r\n`;
}

function toCell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : decimal(value);
  return `"${harmless(value).replaceAll('"', '""')}"`;
}

/** Dollars have nine decimals at most; `1.5e-8` is not read as a number everywhere. */
function decimal(value: number): string {
  return value.toFixed(9).replace(/0+$/, '');
}

function harmless(text: string): string {
  return text.replace(CONTROL, ' ').replace(FORMULA, "$1$2'");
}
