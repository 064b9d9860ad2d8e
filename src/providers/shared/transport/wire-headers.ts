/**
 * The headers of an answer. Vendors send twenty and more, and a call reads three by name: only these become text. The
 * platform's `Headers`, which check and copy every one, are made only for who wants more.
 */
export class WireHeaders implements Headers {
  readonly #received: readonly Buffer[];
  #platform: Headers | undefined;

  /** Names and values in turn, as they were received. */
  constructor(received: readonly Buffer[]) {
    this.#received = received;
  }

  get(name: string): string | null {
    if (this.#platform) return this.#platform.get(name);
    const wanted = name.toLowerCase();
    let found: string | null = null;
    for (let at = 0; at < this.#received.length; at += 2) {
      if (this.#received[at]?.length !== wanted.length || this.#text(at).toLowerCase() !== wanted) continue;
      const value = this.#text(at + 1);
      found = found === null ? value : `${found}, ${value}`;
    }
    return found;
  }

  has(name: string): boolean {
    return this.get(name) !== null;
  }

  append(name: string, value: string): void {
    this.#all().append(name, value);
  }

  delete(name: string): void {
    this.#all().delete(name);
  }

  set(name: string, value: string): void {
    this.#all().set(name, value);
  }

  getSetCookie(): string[] {
    return this.#all().getSetCookie();
  }

  forEach(visit: (value: string, name: string, headers: Headers) => void): void {
    this.#all().forEach((value, name) => {
      visit(value, name, this);
    });
  }

  keys() {
    return this.#all().keys();
  }

  values() {
    return this.#all().values();
  }

  entries() {
    return this.#all().entries();
  }

  [Symbol.iterator]() {
    return this.#all()[Symbol.iterator]();
  }

  #all(): Headers {
    if (this.#platform) return this.#platform;
    const headers = new Headers();
    for (let at = 0; at < this.#received.length; at += 2) headers.append(this.#text(at), this.#text(at + 1));
    this.#platform = headers;
    return headers;
  }

  #text(at: number): string {
    return this.#received[at]?.toString('latin1') ?? '';
  }
}
