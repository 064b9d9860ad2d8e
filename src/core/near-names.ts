/**
 * The known names that look most like the one that was asked for, best first: at most a third of
 * the letters differ, or one contains the other. For the "did you mean" of error messages.
 */
export function nearNames(asked: string, known: Iterable<string>, countMax = 3): readonly string[] {
  const wanted = asked.slice(0, NAME_LENGTH_MAX).toLowerCase();
  if (wanted === '') return [];
  const scored: { readonly name: string; readonly distance: number }[] = [];
  for (const name of known) {
    const candidate = name.slice(0, NAME_LENGTH_MAX).toLowerCase();
    const distance = editDistance(wanted, candidate);
    const contains =
      wanted.length >= 3 && candidate.length >= 3 && (candidate.includes(wanted) || wanted.includes(candidate));
    if (contains || distance <= Math.max(1, Math.floor(wanted.length / 3))) scored.push({ name, distance });
  }
  scored.sort((left, right) => left.distance - right.distance || (left.name < right.name ? -1 : 1));
  return scored.slice(0, countMax).map(({ name }) => name);
}

/** Longer names are compared by their start, so that a hostile name costs no time. */
const NAME_LENGTH_MAX = 80;

/** Levenshtein distance, in one row. */
function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const substituted = (previous[column - 1] ?? 0) + (left[row - 1] === right[column - 1] ? 0 : 1);
      current.push(Math.min(substituted, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[right.length] ?? 0;
}
