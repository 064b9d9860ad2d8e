/** Rows of a matrix that is mostly zeros: entries of row `at` are at `starts[at]` to `starts[at + 1]`. */
export type SparseRows = {
  readonly count: number;
  readonly width: number;
  readonly starts: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float64Array;
};

/** One row, or one prompt to be scored. */
export type SparseRow = { readonly columns: Int32Array; readonly values: Float64Array };

export function toSparseRows(rows: readonly SparseRow[], width: number): SparseRows {
  const starts = new Int32Array(rows.length + 1);
  for (const [at, { columns }] of rows.entries()) starts[at + 1] = (starts[at] as number) + columns.length;
  const columns = new Int32Array(starts[rows.length] as number);
  const values = new Float64Array(columns.length);
  for (const [at, row] of rows.entries()) {
    columns.set(row.columns, starts[at]);
    values.set(row.values, starts[at]);
  }
  return { count: rows.length, width, starts, columns, values };
}

/** The product of one row and a column of weights. */
export function dotRow({ columns, values }: SparseRow, weights: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < columns.length; at += 1) {
    sum += (values[at] as number) * (weights[columns[at] as number] as number);
  }
  return sum;
}
