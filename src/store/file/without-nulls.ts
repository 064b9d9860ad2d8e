/** Fields that may be absent, as a row of the database has them: null. */
export type OrNull<Value> = { readonly [Key in keyof Value]-?: Exclude<Value[Key], undefined> | null };

/** A row of the database as a domain type has it: an absent value is absent, not null. */
type WithoutNulls<Row> = {
  [Key in keyof Row as null extends Row[Key] ? never : Key]: Row[Key];
} & { [Key in keyof Row as null extends Row[Key] ? Key : never]?: NonNullable<Row[Key]> };

export function withoutNulls<Row extends object>(row: Row): WithoutNulls<Row> {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as WithoutNulls<Row>;
}
