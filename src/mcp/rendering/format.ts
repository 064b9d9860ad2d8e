import { type NanoUsd, toUsd } from '../../core/money.ts';

/** `$0.00`, `$1.25`, `$0.000123`: exact to the nano-dollar, without trailing zeros beyond cents. */
export function formatUsd(usd: number): string {
  const [whole = '0', fraction = ''] = Math.abs(usd).toFixed(9).split('.');
  const cut = fraction.replace(/0+$/, '').padEnd(2, '0');
  return `${usd < 0 ? '-' : ''}$${Number(whole).toLocaleString('en-US')}.${cut}`;
}

/** Dollars of an amount that may be unknown: null, never 0. */
export function usdOrNull(amount: NanoUsd | undefined): number | null {
  return amount === undefined ? null : toUsd(amount);
}

/** The same for people. */
export function formatCost(amount: NanoUsd | undefined): string {
  return amount === undefined ? 'cost unknown' : formatUsd(toUsd(amount));
}

export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** `1 request`, `2 requests`. */
export function formatPlural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Columns padded to their widest cell; the last one is left as it is. */
export function alignColumns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  return rows
    .map((row) => row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))))
    .map((cells) => cells.join('  ').trimEnd())
    .join('\n');
}
