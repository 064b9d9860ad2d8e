/** Headers as undici hands them over: names in small letters, repeated ones as a list. */
export type IncomingHeaders = Readonly<Record<string, string | string[] | undefined>>;

/**
 * The headers of an answer. Vendors send twenty and more, and a call reads three by name: the platform's
 * `Headers`, which check and copy every one, are made only for who wants more.
 */
export class WireHeaders implements Headers {
  readonly #incoming: IncomingHeaders;
  #platform: Headers | undefined;

  constructor(incoming: IncomingHeaders) {
    this.#incoming = incoming;
  }

  get(name: string): string | null {
    if (this.#platform) return this.#platform.get(name);
    const key = name.toLowerCase();
    const value = Object.hasOwn(this.#incoming, key) ? this.#incoming[key] : undefined;
    return Array.isArray(value) ? value.join(', ') : (value ?? null);
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
    this.#platform ??= toPlatform(this.#incoming);
    return this.#platform;
  }
}

function toPlatform(incoming: IncomingHeaders): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) headers.append(name, one);
  }
  return headers;
}
