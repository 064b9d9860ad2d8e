export type Waiting<Item> = { readonly item: Item; readonly group: string };

/** A line for each group, served in turns: a group that sends a hundred times as much waits behind itself. */
export class FairLine<Item> {
  /** In the order of their turns. */
  readonly #lines = new Map<string, Waiting<Item>[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** How many would be served before the next one of this group, when all keep coming. */
  countBefore(group: string): number {
    return (this.#lines.get(group)?.length ?? 1) * this.#lines.size;
  }

  add(group: string, item: Item): Waiting<Item> {
    const waiting = { item, group };
    const line = this.#lines.get(group);
    if (line) line.push(waiting);
    else this.#lines.set(group, [waiting]);
    this.#size += 1;
    return waiting;
  }

  /** Nothing happens when it is out of the line already. */
  remove(waiting: Waiting<Item>): void {
    const line = this.#lines.get(waiting.group);
    const place = line?.indexOf(waiting) ?? -1;
    if (!line || place < 0) return;
    line.splice(place, 1);
    this.#size -= 1;
    if (line.length === 0) this.#lines.delete(waiting.group);
  }

  /** The first of the group whose turn it is; undefined when nobody waits. */
  next(): Item | undefined {
    for (const [group, line] of this.#lines) {
      const waiting = line.shift();
      this.#lines.delete(group);
      if (line.length > 0) this.#lines.set(group, line);
      if (!waiting) continue;
      this.#size -= 1;
      return waiting.item;
    }
    return undefined;
  }
}
