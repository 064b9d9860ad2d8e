/** Every part that Unicode mode may read in another way than the mode without it; names of characters in one piece. */
const PARTS = /\\[pPu]\{[^}]*\}|\\[\s\S]|\{\d+(?:,\d*)?\}|[[\]{}-]/g;
/** What a backslash may stand before in JavaScript's Unicode mode, beside letters and digits. */
const ESCAPED = /^\\[a-zA-Z0-9^$\\.*+?()[\]{}|/]/;
/** It stands for several characters, and ends no range: a dash beside it is a dash. */
const SET = /^\\[dDsSwWpP]/;

/**
 * The same regular expression for JavaScript's Unicode mode, which JSON Schema asks for, and which refuses much that many
 * write: a backslash before what needs none, as in `\d{4}\-\d{2}`, a dash beside a set, as in `[\w-.]`, and a brace or
 * bracket that begins or ends nothing. Undefined when it is no regular expression.
 */
export function unicodePattern(pattern: string): string | undefined {
  if (compiles(pattern, 'u')) return pattern;
  if (!compiles(pattern)) return undefined;
  let isInClass = false;
  let endOfSet = -1;
  const strict = pattern.replace(PARTS, (part, start: number) => {
    const end = start + part.length;
    if (part.startsWith('\\')) {
      if (SET.test(part)) endOfSet = end;
      return ESCAPED.test(part) || (isInClass && part === '\\-') ? part : part.slice(1);
    }
    if (isInClass) {
      if (part === ']') isInClass = false;
      const isBesideSet = part === '-' && (endOfSet === start || SET.test(pattern.slice(end)));
      return isBesideSet ? '\\-' : part;
    }
    if (part === '[') isInClass = true;
    return /^[\]{}]$/.test(part) ? `\\${part}` : part;
  });
  return compiles(strict, 'u') ? strict : undefined;
}

function compiles(pattern: string, flags = ''): boolean {
  try {
    return new RegExp(pattern, flags).flags === flags;
  } catch {
    return false;
  }
}
