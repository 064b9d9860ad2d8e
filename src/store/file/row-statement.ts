import type { DatabaseFile } from './database-file.ts';

export type Value = string | number | null;

/** One statement in two lengths. */
export type RowStatement = { readonly usual: string; readonly full: string };

/**
 * Four of these run for every request, and binding what they take is half of their work: a NULL costs more than a
 * number, and a value by its name three times as much as by its position. So what few rows have is left out of the
 * statement for all others. `sqlWith` is given the columns that are rare, or none; their values come first.
 */
export function rowStatement(rare: readonly string[], sqlWith: (rare: readonly string[]) => string): RowStatement {
  return { usual: sqlWith([]), full: sqlWith(rare) };
}

/** An insert that leaves a row that is there as it is. `fixed` are values in SQL. */
export function insertStatement(
  table: string,
  columns: { readonly rare: readonly string[]; readonly common: readonly string[] },
  fixed: Readonly<Record<string, string>> = {},
): RowStatement {
  return rowStatement(columns.rare, (rare) => {
    const bound = [...rare, ...columns.common];
    const values = [...bound.map(() => '?'), ...Object.values(fixed)];
    return `
      INSERT INTO ${table} (${[...bound, ...Object.keys(fixed)].join(', ')})
      VALUES (${values.join(', ')}) ON CONFLICT (id) DO NOTHING`;
  });
}

/** True when a row was changed. */
export function runRow(
  file: DatabaseFile,
  { usual, full }: RowStatement,
  { rare, common }: { readonly rare: readonly Value[]; readonly common: readonly Value[] },
): boolean {
  const { changes } = rare.every((value) => value === null)
    ? file.prepare<Value[]>(usual).run(...common)
    : file.prepare<Value[]>(full).run(...rare, ...common);
  return changes > 0;
}
