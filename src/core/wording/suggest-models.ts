import { nearestNames } from './nearest-name.ts';

const COUNT_MAX = 3;

/**
 * Models and aliases a mistaken name may have meant, best first, for error messages: those that hold
 * the text (`haiku`), then those spelled like it, with or without their provider.
 */
export function suggestModels(text: string, refs: readonly string[]): readonly string[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [];
  const found = new Set<string>();
  if (wanted.length >= 3) {
    const holding = refs.filter((ref) => ref.toLowerCase().includes(wanted));
    for (const ref of holding.sort((left, right) => left.length - right.length || (left < right ? -1 : 1)))
      found.add(ref);
  }
  for (const near of nearestNames(text, refs, COUNT_MAX)) found.add(near);
  const refsByName = Map.groupBy(refs, nameOf);
  for (const near of nearestNames(nameOf(text), refsByName.keys(), COUNT_MAX)) {
    for (const ref of refsByName.get(near) ?? []) found.add(ref);
  }
  return [...found].slice(0, COUNT_MAX);
}

function nameOf(ref: string): string {
  return ref.slice(ref.indexOf('/') + 1);
}
