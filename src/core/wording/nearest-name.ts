/** Names longer than this are compared by their beginning: the distance is quadratic. */
const COMPARED_CHARACTERS = 80;

/**
 * The candidates closest to a misspelled name, best first, for "did you mean" in messages. Letter
 * case is ignored. Empty when nothing is close enough to be worth suggesting.
 */
export function nearestNames(name: string, candidates: Iterable<string>, countMax = 3): readonly string[] {
  const wanted = comparable(name);
  const near: { readonly candidate: string; readonly distance: number }[] = [];
  for (const candidate of new Set(candidates)) {
    const distance = editDistance(wanted, comparable(candidate));
    if (distance <= distanceMax(wanted, candidate)) near.push({ candidate, distance });
  }
  near.sort((left, right) => left.distance - right.distance || compareText(left.candidate, right.candidate));
  return near.slice(0, countMax).map(({ candidate }) => candidate);
}

/** The one candidate closest to a misspelled name; undefined when none is close. */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  return nearestNames(name, candidates, 1)[0];
}

/**
 * Edits that turn one text into the other: insert, delete, replace, or swap two neighbours, each
 * counted once (optimal string alignment).
 */
export function editDistance(left: string, right: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1];
      const swapped =
        row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      current[column] = Math.min(
        cell(previous, column) + 1,
        cell(current, column - 1) + 1,
        cell(previous, column - 1) + (same ? 0 : 1),
        swapped ? cell(beforePrevious, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    beforePrevious = previous;
    previous = current;
  }
  return cell(previous, right.length);
}

/** A third of the longer name may differ, at least one letter: `gorq` is near `groq`, `x` near nothing long. */
function distanceMax(wanted: string, candidate: string): number {
  return Math.max(1, Math.floor(Math.max(wanted.length, Math.min(candidate.length, COMPARED_CHARACTERS)) / 3));
}

function comparable(name: string): string {
  return name.slice(0, COMPARED_CHARACTERS).toLowerCase();
}

function cell(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
