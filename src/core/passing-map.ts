/**
 * Values by key that come and go with every request, instead of a `Map`: see `Roster` for why. The keys of a
 * plain dictionary are no such chain.
 */
export class PassingMap<Value> {
  #values: Record<string, Value> = Object.create(null);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: string): Value | undefined {
    return this.#values[key];
  }

  set(key: string, value: Value): void {
    if (!(key in this.#values)) this.#size += 1;
    this.#values[key] = value;
  }

  delete(key: string): void {
    if (!(key in this.#values)) return;
    delete this.#values[key];
    this.#size -= 1;
  }

  values(): readonly Value[] {
    return Object.values(this.#values);
  }

  /** Forgets the older half; keys that are whole numbers count as the oldest. */
  halve(): void {
    for (const key of Object.keys(this.#values).slice(0, Math.ceil(this.#size / 2))) this.delete(key);
  }
}
