type Entry<Value> = { readonly key: string; value: Value; readonly since: number };

const LISTS = 256;
/** So many characters of each end of a key are looked at to find its list: keys are alike at one end at most. */
const END_CHARS = 4;

/**
 * Values by key that come and go with every request, instead of a `Map`: see `Roster` for why. A plain dictionary is
 * no such chain, but V8 copies each key that a dictionary takes into a table of names, which is old at once. So the
 * entries stand in lists, which are short while thousands are under way.
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
    const { length } = key;
    const headTo = Math.min(length, END_CHARS);
    let hash = length;
    for (let at = 0; at < headTo; at += 1) hash = (Math.imul(hash, 31) + key.charCodeAt(at)) | 0;
    for (let at = Math.max(headTo, length - END_CHARS); at < length; at += 1)
      hash = (Math.imul(hash, 31) + key.charCodeAt(at)) | 0;
    return this.#lists[hash & (LISTS - 1)] as Entry<Value>[];
  }
}

function find<Value>(list: readonly Entry<Value>[], key: string): Entry<Value> | undefined {
  for (const entry of list) if (entry.key === key) return entry;
  return undefined;
}
