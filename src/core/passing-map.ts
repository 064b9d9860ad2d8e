type Entry<Value> = { readonly key: string; value: Value; readonly since: number };

const LISTS = 256;
/** About so many characters of a key are looked at to find its list. */
const HASHED_CHARS = 8;

/**
 * Values by key that come and go with every request, instead of a `Map`: see `Roster` for why. A plain dictionary is
 * no such chain, but V8 moves each of its keys into a table of all names there are, for the old. So the entries stand
 * in lists, which are short while thousands are under way.
 */
export class PassingMap<Value> {
  readonly #lists: readonly Entry<Value>[][] = Array.from({ length: LISTS }, () => []);
  #size = 0;
  #added = 0;

  get size(): number {
    return this.#size;
  }

  get(key: string): Value | undefined {
    return find(this.#listOf(key), key)?.value;
  }

  set(key: string, value: Value): void {
    const list = this.#listOf(key);
    const known = find(list, key);
    if (known) {
      known.value = value;
      return;
    }
    this.#added += 1;
    list.push({ key, value, since: this.#added });
    this.#size += 1;
  }

  delete(key: string): void {
    const list = this.#listOf(key);
    const known = find(list, key);
    const last = known && list.pop();
    if (!known || !last) return;
    if (last !== known) list[list.indexOf(known)] = last;
    this.#size -= 1;
  }

  /** In the order in which their keys came. */
  values(): readonly Value[] {
    return this.#entries().map(({ value }) => value);
  }

  /** Forgets the older half. */
  halve(): void {
    for (const { key } of this.#entries().slice(0, Math.ceil(this.#size / 2))) this.delete(key);
  }

  #entries(): readonly Entry<Value>[] {
    return this.#lists.flat().sort((left, right) => left.since - right.since);
  }

  #listOf(key: string): Entry<Value>[] {
    const step = Math.ceil(key.length / HASHED_CHARS);
    let hash = key.length;
    for (let at = key.length - 1; at >= 0; at -= step) hash = (Math.imul(hash, 31) + key.charCodeAt(at)) | 0;
    return this.#lists[hash & (LISTS - 1)] as Entry<Value>[];
  }
}

function find<Value>(list: readonly Entry<Value>[], key: string): Entry<Value> | undefined {
  for (const entry of list) if (entry.key === key) return entry;
  return undefined;
}
