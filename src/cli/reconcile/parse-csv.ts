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

/** A quoted field, or a plain one, and what follows it. */
const FIELD = /(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\r?\n|$)/gy;

type Row = { readonly number: number; readonly fields: string[] };

function readRows(text: string): readonly Row[] {
  const rows: Row[] = [];
  let row: Row = { number: 1, fields: [] };
  let line = 1;
  FIELD.lastIndex = 0;
  while (FIELD.lastIndex < text.length) {
    const found = FIELD.exec(text);
    if (!found) throw new SyntaxError(`line ${line} has a quote within a field`);
    const [whole, quoted, plain = '', end] = found;
    row.fields.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    line += whole.split('\n').length - 1;
    if (end === ',' && FIELD.lastIndex < text.length) continue;
    if (end === ',') row.fields.push('');
    if (row.fields.some((field) => field !== '')) rows.push(row);
    row = { number: line, fields: [] };
  }
  return rows;
}
