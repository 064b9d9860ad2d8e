import { formatUsd } from '../../core/wording/format-usd.ts';
import { dim, outputColumns } from '../output/terminal.ts';

/** What one stretch of time cost, in dollars. */
export type ChartBar = { readonly label: string; readonly usd: number };

const ROWS = 5;
const COLUMNS_MAX = 72;
const BAR_CHARACTERS_MAX = 3;
/** `$0.00000123` and the axis. */
const MARGIN_CHARACTERS_MAX = 14;
/** A row is filled by eighths. */
const EIGHTHS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;
const BLOCKS = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'] as const;

/**
 * Bars of equal stretches of time from left to right, as wide as the terminal allows: neighbours are added up
 * where there are more of them. Nothing below zero is drawn.
 */
export function renderChart(bars: readonly ChartBar[]): string {
  const room = Math.max(1, Math.min(COLUMNS_MAX, outputColumns()) - MARGIN_CHARACTERS_MAX);
  const merged = mergeNeighbours(bars, room);
  const most = highestOf(merged);
  if (most === 0) return '';
  const label = formatUsd(Number(most.toPrecision(3)));
  const width = Math.max(1, Math.min(BAR_CHARACTERS_MAX, Math.floor(room / merged.length) - 1));
  const gap = (width + 1) * merged.length <= room ? ' ' : '';
  const heights = merged.map(({ usd }) => (usd <= 0 ? 0 : Math.max(1, Math.round((usd / most) * ROWS * 8))));
  const lines = Array.from({ length: ROWS }, (_, index) => {
    const below = (ROWS - 1 - index) * 8;
    const cells = heights.map((height) => eighth(height - below).repeat(width)).join(gap);
    return `${dim(`${(index === 0 ? label : '').padStart(label.length)} │`)}${cells}`.trimEnd();
  });
  const span = merged.length * (width + gap.length) - gap.length;
  const margin = ' '.repeat(label.length + 2);
  return [
    ...lines,
    dim(`${'$0'.padStart(label.length)} └${'─'.repeat(span)}`),
    dim(margin + labelsUnder(merged, span)),
  ].join('\n');
}

/** A share of the longest bar, from 0 to 1, within so many characters. */
export function renderBar(share: number, width: number): string {
  const eighths = share <= 0 ? 0 : Math.max(1, Math.round(Math.min(share, 1) * width * 8));
  const rest = BLOCKS[eighths % 8] ?? ' ';
  return `${'█'.repeat(Math.floor(eighths / 8))}${rest}`.trimEnd();
}

function highestOf(bars: readonly ChartBar[]): number {
  return bars.reduce((most, { usd }) => Math.max(most, usd), 0);
}

function eighth(height: number): string {
  return EIGHTHS[Math.max(0, Math.min(8, height))] ?? ' ';
}

function mergeNeighbours(bars: readonly ChartBar[], room: number): readonly ChartBar[] {
  const each = Math.ceil(bars.length / room);
  if (each <= 1) return bars;
  return Array.from({ length: Math.ceil(bars.length / each) }, (_, index) => {
    const part = bars.slice(index * each, (index + 1) * each);
    return { label: part[0]?.label ?? '', usd: part.reduce((sum, { usd }) => sum + usd, 0) };
  });
}

/** The first and, where both fit, the last one. */
function labelsUnder(bars: readonly ChartBar[], span: number): string {
  const first = bars[0]?.label ?? '';
  const last = bars.length > 1 ? (bars.at(-1)?.label ?? '') : '';
  const between = span - first.length - last.length;
  return between < 1 ? first : `${first}${' '.repeat(between)}${last}`;
}
