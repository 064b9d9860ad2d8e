import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';
import { shorten } from '../../core/wording/describe-value.ts';
import { bold, oneLine, outputColumns } from './terminal.ts';

const NAME_CHARACTERS_MAX = 100;

export type Column<Row> = {
  readonly head: string;
  /** Plain or styled text. Whatever came from outside goes through `oneLine` first. */
  readonly cell: (row: Row) => string;
  readonly align?: 'right';
  /** Takes the width the others leave, and wraps; where that is too little, it goes under the row. */
  readonly flexible?: boolean;
};

const GAP = '  ';
/** Narrower than this, prose reads badly. */
const FLEXIBLE_CHARACTERS_MIN = 24;
/** Where less is left beside a name or under a row, a line is longer than the terminal rather than a few letters. */
const WRAPPED_CHARACTERS_MIN = 16;
/** So many share their heads: laying a table out takes a time that grows with the square of its rows. */
const ROWS_MAX = 500;
/** The heads and the rule. */
const HEAD_LINES = 2;
/** A rule under the heads and nothing else: such tables survive a pipe and a copy. */
const RULES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '─',
  'mid-mid': '─'.repeat(GAP.length),
  right: '',
  'right-mid': '',
  middle: GAP,
};

/**
 * Rows as aligned columns that fit the terminal, as far as the columns that do not wrap allow it; many as several
 * tables. `details` are lines under a row; in a table with them nothing wraps.
 */
export function renderTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  details?: (row: Row) => readonly string[],
): string {
  if (rows.length > ROWS_MAX) {
    const parts = Array.from({ length: Math.ceil(rows.length / ROWS_MAX) }, (_, index) =>
      rows.slice(index * ROWS_MAX, (index + 1) * ROWS_MAX),
    );
    return parts.map((part) => renderTable(columns, part, details)).join('\n\n');
  }
  const cells = rows.map((row) => columns.map(({ cell }) => cell(row)));
  const widths = columns.map(({ head }, index) =>
    Math.max(head.length, ...cells.map((row) => widthOf(row[index] ?? ''))),
  );
  const flexibleWidths = shareWidth(columns, widths);
  // A row that wraps has several lines, and its details would stand between them, or under those of another.
  const roomMin = details ? Number.POSITIVE_INFINITY : FLEXIBLE_CHARACTERS_MIN;
  if (flexibleWidths.some((width) => width !== undefined && width < roomMin))
    return renderStacked(columns, rows, details);
  const table = new Table({
    head: columns.map(({ head }) => bold(head)),
    chars: RULES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
    colAligns: columns.map(({ align }) => align ?? 'left'),
    colWidths: columns.map((_, index) => flexibleWidths[index] ?? null),
    wordWrap: true,
  });
  for (const row of cells) {
    table.push(row.map((cell, index) => breakLongWords(cell, flexibleWidths[index])));
  }
  const lines = table.toString().split('\n');
  return lines
    .flatMap((line, index) => {
      const row = rows[index - HEAD_LINES];
      return [line, ...(details && row !== undefined ? details(row).flatMap(indent) : [])];
    })
    .map((line) => line.trimEnd())
    .join('\n');
}

/** The flexible columns as one line under each row. */
function renderStacked<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  details?: (row: Row) => readonly string[],
): string {
  const beneath = columns.filter(({ flexible }) => flexible);
  return renderTable(
    columns.filter(({ flexible }) => !flexible),
    rows,
    (row) => {
      const line = beneath.flatMap(({ cell }) => cell(row) || []).join(' · ');
      return [...(line === '' ? [] : [line]), ...(details?.(row) ?? [])];
    },
  );
}

/** A line under a row. */
function indent(text: string): readonly string[] {
  return wrap(text, outputColumns() - GAP.length).map((line) => GAP + line);
}

function wrap(text: string, room: number): readonly string[] {
  const width = Math.max(room, WRAPPED_CHARACTERS_MIN);
  const words = breakLongWords(text, width).split(' ');
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last === undefined || widthOf(`${last} ${word}`) > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

/** Name and value a line; a long value goes on under its beginning. */
export function renderPairs(pairs: readonly (readonly [string, string])[]): string {
  const width = Math.max(...pairs.map(([name]) => name.length));
  const under = `\n${' '.repeat(width)}${GAP}`;
  const columns = outputColumns() - width - GAP.length;
  return pairs
    .map(([name, value]) => `${bold(name.padEnd(width))}${GAP}${wrap(value, columns).join(under)}`)
    .join('\n');
}

/** Foreign text in a cell. */
export function foreign(text: string | undefined): string {
  return text === undefined ? '' : oneLine(text);
}

/** The same of a name that callers choose: the longest one would be the width of its column. */
export function foreignName(name: string): string {
  return shorten(foreign(name), NAME_CHARACTERS_MAX);
}

/** Widths of the flexible columns that must wrap; undefined for all that may take what they need. */
function shareWidth<Row>(columns: readonly Column<Row>[], widths: readonly number[]): readonly (number | undefined)[] {
  const fixed = columns.reduce((sum, { flexible }, index) => sum + (flexible ? 0 : (widths[index] ?? 0)), 0);
  let left = outputColumns() - fixed - GAP.length * (columns.length - 1);
  let sharers = columns.filter(({ flexible }) => flexible).length;
  const shares: (number | undefined)[] = columns.map(() => undefined);
  const narrowFirst = [...columns.keys()].filter((index) => columns[index]?.flexible);
  narrowFirst.sort((one, other) => (widths[one] ?? 0) - (widths[other] ?? 0));
  for (const index of narrowFirst) {
    const share = Math.max(Math.floor(left / sharers), 1);
    const wanted = widths[index] ?? 0;
    if (wanted > share) shares[index] = share;
    left -= Math.min(wanted, share);
    sharers -= 1;
  }
  return shares;
}

/** The wrapping cuts off what has no blank to wrap at, so blanks are put in. */
function breakLongWords(cell: string, width: number | undefined): string {
  if (width === undefined || stripVTControlCharacters(cell) !== cell) return cell;
  return cell.replace(new RegExp(`\\S{${width}}(?=\\S)`, 'gu'), '$& ');
}

function widthOf(cell: string): number {
  return [...stripVTControlCharacters(cell)].length;
}
