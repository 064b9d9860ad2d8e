import type { DatabaseFile } from './database-file.ts';

/**
 * Whether a table has rows at all: asked once a transaction, it spares looking for those of each row that is
 * written. Only for work inside a transaction: nobody else can change the answer before its commit.
 */
export class TableLook {
  readonly #sql: string;
  readonly #seen = new WeakMap<DatabaseFile, { readonly transaction: number; readonly has: boolean }>();

  constructor(table: string) {
    this.#sql = `SELECT EXISTS (SELECT 1 FROM ${table}) AS has`;
  }

  hasRows(file: DatabaseFile): boolean {
    const { transaction } = file;
    const seen = this.#seen.get(file);
    if (seen?.transaction === transaction) return seen.has;
    const has = file.prepare<[], { has: number }>(this.#sql).get()?.has === 1;
    this.#seen.set(file, { transaction, has });
    return has;
  }

  /** The running transaction adds one. */
  noteRow(file: DatabaseFile): void {
    this.#seen.set(file, { transaction: file.transaction, has: true });
  }
}
