import type { DatabaseFile } from './database-file.ts';

/**
 * Whether a table has rows at all: asked once a transaction, it spares looking for those of each row that is
 * written. Only for work inside a transaction: nobody else can change the answer before its commit.
 */
export class TableLook {
  readonly #sql: string;
  #transaction: DatabaseFile['transaction'] | undefined;
  #has = false;

  constructor(table: string) {
    this.#sql = `SELECT EXISTS (SELECT 1 FROM ${table}) AS has`;
  }

  hasRows(file: DatabaseFile): boolean {
    if (this.#transaction !== file.transaction) {
      this.#has = file.prepare<[], { has: number }>(this.#sql).get()?.has === 1;
      this.#transaction = file.transaction;
    }
    return this.#has;
  }

  /** The running transaction adds one. */
  noteRow(file: DatabaseFile): void {
    this.#transaction = file.transaction;
    this.#has = true;
  }
}
