/** One that is on a roster. */
export type Entry<Item> = { readonly item: Item; place: number };

/**
 * What is under way at the moment, in no order. For what comes and goes with every request instead of a
 * `Set`: V8 grows a set that loses entries into new tables, each reachable from the one before. Once the
 * first is old, young collections keep them all with all that was in them, until the next full one: whole
 * requests with their sockets, bodies and answers, promoted one after the other.
 */
export class Roster<Item> {
  readonly #entries: Entry<Item>[] = [];

  get size(): number {
    return this.#entries.length;
  }

  add(item: Item): Entry<Item> {
    const entry = { item, place: this.#entries.length };
    this.#entries.push(entry);
    return entry;
  }

  /** Nothing happens when it is off already. */
  remove(entry: Entry<Item>): void {
    const entries = this.#entries;
    if (entries[entry.place] !== entry) return;
    const last = entries.pop();
    if (last === undefined || last === entry) return;
    entries[entry.place] = last;
    last.place = entry.place;
  }

  /** As it is now: who comes or goes meanwhile changes nothing. */
  items(): readonly Item[] {
    return this.#entries.map(({ item }) => item);
  }
}
