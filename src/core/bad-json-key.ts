export type BadKey = {
  readonly key: string;
  readonly fault: 'repeated' | 'forbidden';
  /** 1 in the outermost object. */
  readonly depth: number;
};

/** An object to fill for `{`, nothing to fill for `[`. */
type Level = Set<string> | undefined;

/**
 * The first key of a JSON text that stands twice in one object, where readers disagree on which
 * one counts, or that is `__proto__`, which JavaScript may take for more than a key. The text must
 * be valid: `JSON.parse` has had its say, and forgets both.
 */
export function findBadKey(json: string): BadKey | undefined {
  const levels: Level[] = [];
  let keys: Level;
  let isKeyNext = false;
  for (let at = 0; at < json.length; at += 1) {
    switch (json[at]) {
      case '"': {
        const end = endOfString(json, at);
        if (isKeyNext && keys) {
          const key: string = JSON.parse(json.slice(at, end + 1));
          if (key === '__proto__') return { key, fault: 'forbidden', depth: levels.length };
          if (keys.has(key)) return { key, fault: 'repeated', depth: levels.length };
          keys.add(key);
        }
        isKeyNext = false;
        at = end;
        break;
      }
      case '{':
      case '[':
        keys = json[at] === '{' ? new Set() : undefined;
        levels.push(keys);
        isKeyNext = keys !== undefined;
        break;
      case '}':
      case ']':
        levels.pop();
        keys = levels.at(-1);
        break;
      case ',':
        isKeyNext = keys !== undefined;
        break;
      default:
    }
  }
  return undefined;
}

/** The place of the quote that ends the text; one behind an odd number of backslashes does not. */
export function endOfString(json: string, start: number): number {
  for (let end = json.indexOf('"', start + 1); ; end = json.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (json[end - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0 || end < 0) return end < 0 ? json.length : end;
  }
}
