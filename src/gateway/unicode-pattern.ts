/** What a backslash may stand before in JavaScript's Unicode mode, beside letters and digits. */
const ESCAPED = /[\w^$\\.*+?()[\]{}|/]/;

/**
 * The same regular expression for JavaScript's Unicode mode, which JSON Schema asks for and which refuses a backslash that
 * stands before what needs none, as in `\d{4}\-\d{2}`; many write one. Undefined when it is no regular expression.
 */
export function unicodePattern(pattern: string): string | undefined {
  if (compiles(pattern)) return pattern;
  let isInClass = false;
  const bare = pattern.replace(/\\[\s\S]|[[\]]/g, (part) => {
    const [first, second = ''] = part;
    if (first !== '\\') isInClass = first === '[';
    return first !== '\\' || (ESCAPED.test(second) && second !== '_') || (isInClass && second === '-') ? part : second;
  });
  return compiles(bare) ? bare : undefined;
}

function compiles(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u').unicode;
  } catch {
    return false;
  }
}
