/** Adds to a list what may be any number: `push(...more)` ends in a call stack that is exceeded from some 120,000 on. */
export function addAll<One>(list: One[], more: Iterable<One>): void {
  for (const one of more) list.push(one);
}
