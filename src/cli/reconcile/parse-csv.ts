/**
 * The rows of a CSV file (RFC 4180) by the names in its first line, in lower case. Quoted fields may hold commas,
 * quotes and line ends; a byte order mark and empty lines are passed over. `number` counts from the first line.
 */
export function parseCsv(
  text: string,
): readonly { readonly number: number; readonly fields: ReadonlyMap<string, string> }[] {
  const [head, ...rows] = readRows(text.replace(/^\uFEFF/, ''));
  const names = head?.fields.map((name) => name.trim().toLowerCase()) ?? [];
  return rows.map(({ number, fields }) => ({
    number,
    fields: new Map(names.map((name, index) => [name, fields[index]?.trim() ?? ''])),
  }));
}

/** A plain field, a quoted one, or a part of one up to a doubled quote; and what follows it, of a part nothing. */
const FIELD_PART = /"[^"]*"(?:(,|\r?\n|$)|(?="))|[^",\r\n]*(,|\r?\n|$)/gy;

type Row = { readonly number: number; readonly fields: string[] };

function readRows(text: string): readonly Row[] {
  const rows: Row[] = [];
  let row: Row = { number: 1, fields: [] };
  let line = 1;
  let start = 0;
  FIELD_PART.lastIndex = 0;
  while (start < text.length) {
    const found = FIELD_PART.exec(text);
    if (!found) throw new SyntaxError(`line ${line} has a quote within a field`);
    const end = found[1] ?? found[2];
    if (end === undefined) continue;
    const field = text.slice(start, FIELD_PART.lastIndex - end.length);
    row.fields.push(field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field);
    line += text.slice(start, FIELD_PART.lastIndex).split('\n').length - 1;
    start = FIELD_PART.lastIndex;
    if (end === ',' && start < text.length) continue;
    if (end === ',') row.fields.push('');
    if (row.fields.some((field) => field !== '')) rows.push(row);
    row = { number: line, fields: [] };
  }
  return rows;
}
