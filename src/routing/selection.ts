import type { ModelCatalog } from '../core/ports.ts';
import type { ProviderSettings } from '../core/provider.ts';
import type { ChatRequest, RoutingHints, Task, Tier } from '../core/request.ts';
import type { Evidence, RoutingTable } from '../core/route-plan.ts';
import { describeEvidence } from './describe-evidence.ts';
import { showsImage } from './media-of.ts';
import { listsOfProvider } from './provider-lists.ts';
import { resolveModel } from './resolve-model.ts';
import { requireProvider } from './resolve-provider.ts';
import type { ModelList } from './sieve.ts';

/** What decided, and the lists that follow from it. */
export type Selection = {
  /** How it came to this, as the first half of a sentence. */
  readonly because: string;
  readonly lists: readonly ModelList[];
  readonly tier?: Tier | undefined;
  readonly task?: Task | undefined;
  readonly evidence: readonly Evidence[];
  /** The tier was our own guess: when none of its models can take the request, others may. */
  readonly mayChangeTier: boolean;
};

export type SelectionInput = {
  readonly request: ChatRequest;
  readonly table: RoutingTable;
  readonly catalog: ModelCatalog;
  readonly providers: readonly ProviderSettings[];
  /** By the caller's word or by its complexity. */
  readonly tier: Tier;
  /** Why complexity chose the tier; empty when the caller did. */
  readonly evidence: readonly Evidence[];
};

/** Precedence: model, then provider, tier, task, complexity. Throws for names nobody knows. */
export function selectLists(input: SelectionInput): Selection {
  const { model, provider, task } = input.request.routing;
  if (isNamed(model)) return { ...selectModel(input, model), task };
  if (provider !== undefined) return { ...selectProvider(input, provider), task };
  return selectAutomatic(input);
}

/** `auto` and nothing mean the same. */
export function isNamed(model: string | undefined): model is string {
  return model !== undefined && model.trim().toLowerCase() !== 'auto';
}

/** Did the caller name the model or the provider? */
export function isForced({ model, provider }: RoutingHints): boolean {
  return isNamed(model) || provider !== undefined;
}

/** May the named model or provider not be left either? */
export function isBound(routing: RoutingHints): boolean {
  return isForced(routing) && !routing.fallback;
}

function selectModel(input: SelectionInput, name: string): Selection {
  const { request, table, catalog, providers } = input;
  const { provider, fallback } = request.routing;
  const scope = {
    table,
    catalog,
    providers,
    ...(provider !== undefined && { provider: requireProvider(provider, providers).id }),
  };
  const { ref } = resolveModel(name, scope);
  return {
    because: fallback ? `The caller named ${ref} and allows others after it` : `The caller named ${ref}`,
    lists: [{ label: 'named by the caller', refs: [ref], ranked: false }, ...(fallback ? afterForced(input) : [])],
    evidence: [],
    mayChangeTier: false,
  };
}

function selectProvider(input: SelectionInput, name: string): Selection {
  const { request, table, catalog, providers, tier } = input;
  const { fallback } = request.routing;
  const settings = requireProvider(name, providers);
  const first = decidingList(input, decidingTask(input));
  const own = listsOfProvider(settings, { table, catalog, first, tier, strict: !fallback });
  return {
    because: `The caller named provider ${settings.id}, whose models are taken nearest to ${first.label}`,
    lists: [...own, ...(fallback ? afterForced(input) : [])],
    evidence: [],
    mayChangeTier: false,
  };
}

/** A forced model or provider that may be left is followed by what would have been chosen without it. */
function afterForced(input: SelectionInput): readonly ModelList[] {
  return [decidingList(input, decidingTask(input)), fallbackList(input)];
}

function selectAutomatic(input: SelectionInput): Selection {
  const { request, evidence, tier } = input;
  const { routing } = request;
  const decided = decidingTask(input);
  const lists = [decidingList(input, decided), fallbackList(input)];
  const task = decided ?? routing.task;
  if (routing.tier !== undefined) {
    return { because: `The caller asked for tier ${tier}`, lists, tier, task, evidence: [], mayChangeTier: false };
  }
  if (decided !== undefined) {
    const because =
      decided === routing.task
        ? `The caller asked for task ${decided}`
        : `The request holds an image, which makes it task ${decided}`;
    return { because, lists, tier: undefined, task, evidence: [], mayChangeTier: false };
  }
  const because = `Complexity puts the request in tier ${tier} (${describeEvidence(evidence)})`;
  return { because, lists, tier, task, evidence, mayChangeTier: true };
}

/** A selection by complexity with another tier in the place of the one that complexity chose, or another reason for it. */
export function withTier(
  selection: Selection,
  { tier, because }: { readonly tier: Tier; readonly because: string },
  table: RoutingTable,
): Selection {
  return { ...selection, tier, because, lists: [listOfTier(tier, table), ...selection.lists.slice(1)] };
}

function decidingList({ table, tier }: SelectionInput, task: Task | undefined): ModelList {
  if (task !== undefined) return { label: `task ${task}`, refs: table.tasks[task] ?? [], ranked: true };
  return listOfTier(tier, table);
}

export function listOfTier(tier: Tier, { tiers }: RoutingTable): ModelList {
  return { label: `tier ${tier}`, refs: tiers[tier], ranked: true };
}

/** The task whose list decides: the caller's, or vision for an image. None when a tier was asked for. */
function decidingTask({ request, table }: SelectionInput): Task | undefined {
  const { tier, task } = request.routing;
  if (tier !== undefined) return undefined;
  if (task !== undefined && hasList(table, task)) return task;
  return hasList(table, 'vision') && showsImage(request.messages) ? 'vision' : undefined;
}

function hasList({ tasks }: RoutingTable, task: Task): boolean {
  return (tasks[task]?.length ?? 0) > 0;
}

function fallbackList({ table }: SelectionInput): ModelList {
  return { label: 'fallback', refs: table.fallback, ranked: false };
}
