/** What a parser would pass over in silence. */
export type StructureFault =
  /** `depth`: of its object, 1 for the outermost. */
  | { readonly fault: 'repeated' | 'forbidden'; readonly key: string; readonly depth: number }
  | { readonly fault: 'deep' };

/** The key that JavaScript may take for more than a key wherever it stands. */
const PROTO: readonly string[] = ['__proto__'];

const QUOTE = 34;
const COMMA = 44;
const BRACKET_OPEN = 91;
const BACKSLASH = 92;
const BRACKET_CLOSE = 93;
const BRACE_OPEN = 123;
const BRACE_CLOSE = 125;

/** Up to here a list is searched faster than a set. */
const LISTED_KEYS_MAX = 16;

/**
 * The first place of a JSON text where readers disagree or fall over: a key that stands twice in one
 * object, one that is `forbidden`, or deeper nesting than allowed. The text must be valid: `JSON.parse` has
 * had its say, and forgets both kinds of keys. Texts between quotes, which are most of a prompt, are jumped over.
 */
export function findStructureFault(
  json: string,
  depthMax = Number.POSITIVE_INFINITY,
  forbidden = PROTO,
): StructureFault | undefined {
  const levels: (KeyList | undefined)[] = [];
  let keys: KeyList | undefined;
  let isKeyNext = false;
  for (let at = 0; at < json.length; at += 1) {
    switch (json.charCodeAt(at)) {
      case QUOTE: {
        const end = endOfString(json, at);
        if (isKeyNext && keys) {
          const key = keyBetween(json, at, end);
          if (forbidden.includes(key)) return { fault: 'forbidden', key, depth: levels.length };
          if (!keys.add(key)) return { fault: 'repeated', key, depth: levels.length };
        }
        isKeyNext = false;
        at = end;
        break;
      }
      case BRACE_OPEN:
      case BRACKET_OPEN:
        if (levels.length === depthMax) return { fault: 'deep' };
        keys = json.charCodeAt(at) === BRACE_OPEN ? new KeyList() : undefined;
        levels.push(keys);
        isKeyNext = keys !== undefined;
        break;
      case BRACE_CLOSE:
      case BRACKET_CLOSE:
        levels.pop();
        keys = levels.at(-1);
        isKeyNext = false;
        break;
      case COMMA:
        isKeyNext = keys !== undefined;
        break;
      default:
    }
  }
  return undefined;
}

/** The keys of one object so far. */
class KeyList {
  #list: string[] = [];
  #set: Set<string> | undefined;

  /** False when it was there before. */
  add(key: string): boolean {
    if (this.#set) {
      if (this.#set.has(key)) return false;
      this.#set.add(key);
      return true;
    }
    if (this.#list.includes(key)) return false;
    this.#list.push(key);
    if (this.#list.length > LISTED_KEYS_MAX) this.#set = new Set(this.#list);
    return true;
  }
}

function keyBetween(json: string, start: number, end: number): string {
  const written = json.slice(start + 1, end);
  // An escaped letter is the same key: "__proto\u005f_".
  return written.includes('\\') ? String(JSON.parse(json.slice(start, end + 1))) : written;
}

/** The place of the quote that ends the text; one behind an odd number of backslashes does not. */
export function endOfString(json: string, start: number): number {
  for (let end = json.indexOf('"', start + 1); ; end = json.indexOf('"', end + 1)) {
    if (end < 0) return json.length;
    let backslashes = 0;
    while (json.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
}
