/** What another's word means by a table of ours. Without the look for own entries, "constructor" would mean something by each. */
export function meaningOf<Meaning>(word: string, table: Readonly<Record<string, Meaning>>): Meaning | undefined {
  return Object.hasOwn(table, word) ? table[word] : undefined;
}
