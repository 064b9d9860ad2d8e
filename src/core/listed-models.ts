import { type ModelRef, parseModelRef } from './model.ts';
import type { RoutingTable } from './route-plan.ts';

type Lists = Pick<RoutingTable, 'tiers' | 'tasks' | 'fallback'>;

/** Every model that the lists of routing name, once each. */
export function listedModels({ tiers, tasks, fallback }: Lists): readonly ModelRef[] {
  return [...new Set([...Object.values(tiers), ...Object.values(tasks), fallback].flat())];
}

/** A provider's own among them, by its names; one that routing names nowhere can still be asked for any: `*`. */
export function listedModelsOf(provider: string, lists: Lists): readonly string[] {
  const own = listedModels(lists).flatMap((ref) => {
    const parsed = parseModelRef(ref);
    return parsed?.provider === provider ? [parsed.name] : [];
  });
  return own.length > 0 ? own : ['*'];
}
