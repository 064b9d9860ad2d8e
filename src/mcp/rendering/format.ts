import type { CostPrediction } from '../../core/costs.ts';
import { type NanoUsd, type SignedNanoUsd, toUsd } from '../../core/money.ts';
import { formatUsd } from '../../core/wording/format-usd.ts';

/** Dollars of an amount that may be unknown: null, never 0. */
export function usdOrNull(amount: NanoUsd | undefined): number | null {
  return amount === undefined ? null : toUsd(amount);
}

/** The same for people. */
export function formatCost(amount: SignedNanoUsd | undefined): string {
  return amount === undefined ? 'cost unknown' : formatUsd(toUsd(amount));
}

/** A moment, from milliseconds since 1970. */
export function toIso(ms: number): string {
  return new Date(ms).toISOString();
}

export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** `32%`, `0.4%`, `<0.1%`. */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 0.05) return '<0.1%';
  return `${percent >= 10 || percent === 0 ? Math.round(percent) : Number(percent.toFixed(1))}%`;
}

/** `1 request`, `2 requests`. */
export function formatPlural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Of fewer answers one says next to nothing: short answers cost a tenth of what is usual. */
const FORETOLD_ATTEMPTS_MIN = 10;

/** How well costs were foretold; undefined while nothing can be said of it. */
export function formatPrediction({ attempts, medianError, aboveMax }: CostPrediction): string | undefined {
  const isTelling = medianError !== undefined && attempts >= FORETOLD_ATTEMPTS_MIN;
  const parts = [
    ...(isTelling ? [`off by ${formatShare(medianError)} at the median`] : []),
    ...(aboveMax > 0 ? [`${formatPlural(aboveMax, 'attempt')} cost more than foretold at most`] : []),
  ];
  return parts.length === 0 ? undefined : parts.join('; ');
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
