import type { ModelRef } from '../core/model.ts';
import { type ChatRequest, type Strategy, TIERS, type Tier } from '../core/request.ts';
import type { Candidate, Rejection, RoutingTable, VerifyPlan } from '../core/route-plan.ts';
import type { VerifySettings } from '../core/verification.ts';
import { isRejection, type Judge } from './judge.ts';
import { listOfTier, type Selection } from './selection.ts';
import { createSieve, type ModelList, toCandidate } from './sieve.ts';
import { siftLists } from './sift-lists.ts';

/** The lists to go through when the first answer is checked, and how it is. */
export type CheckedSelection = {
  readonly selection: Selection;
  readonly verify: VerifyPlan;
  /** A peer that was named and cannot take the request. */
  readonly rejected: readonly Rejection[];
};

type Input = {
  readonly request: ChatRequest;
  readonly table: RoutingTable;
  readonly selection: Selection;
  readonly judge: Judge;
  readonly strategy: Strategy;
};

/**
 * Whether the answer to this request is checked, and who is asked when it is doubted. Undefined when the
 * configuration, the request or the models leave nothing to check or nobody to go up to: then the lists
 * are gone through as ever, and no weaker tier is tried first.
 */
export function planVerification(input: Input): CheckedSelection | undefined {
  const { request, table, selection } = input;
  const { verify: settings } = table;
  if (!settings || !isOneQuestion(request) || !coversTask(settings, selection)) return undefined;
  if (!selection.mayChangeTier) return inTaskList(input, settings);
  const { tier: chosen } = selection;
  if (chosen === undefined || !settings.tiers.includes(chosen)) return undefined;
  const base = lowerOf(settings.first ?? chosen, chosen);
  const [first, ...others] = candidatesOf(listOfTier(base, table), input);
  const stronger = strongerThan(base, chosen, input);
  if (!first || stronger.length === 0) return undefined;
  const cheap = () => [...others, ...lowerTiers(base).flatMap((tier) => candidatesOf(listOfTier(tier, table), input))];
  return {
    selection: base === chosen ? selection : withFirst(base, input),
    ...withPeer(input, settings, { first, stronger, cheap }),
  };
}

/** The reason of a plan, and what follows the first answer. */
export function reasonWithCheck(reason: string, { peer, stronger: [next] }: VerifyPlan): string {
  const beside = peer ? `, beside ${peer.model.ref}` : '';
  return `${reason.slice(0, -1)}${beside}; when its answer is doubted, ${next?.model.ref} is asked.`;
}

/** Tool loops and several answers are no single text that could be checked. */
function isOneQuestion({ messages, tools, choices = 1 }: ChatRequest): boolean {
  return choices === 1 && (tools?.length ?? 0) === 0 && messages.at(-1)?.role === 'user';
}

function coversTask({ tasks }: VerifySettings, { task = 'general' }: Selection): boolean {
  return tasks === 'all' || tasks.includes(task);
}

/** A task with a list of its own goes down that list. What the caller named is left as it is. */
function inTaskList(input: Input, settings: VerifySettings): CheckedSelection | undefined {
  const { selection, table } = input;
  const { task, tier, lists } = selection;
  const [list] = lists;
  if (task === undefined || tier !== undefined || !list || list.refs !== table.tasks[task]) return undefined;
  const [first, ...stronger] = candidatesOf(list, input);
  if (!first || stronger.length === 0) return undefined;
  return { selection, ...withPeer(input, settings, { first, stronger, cheap: () => [] }) };
}

type Others = {
  readonly first: Candidate;
  readonly stronger: readonly Candidate[];
  readonly cheap: () => readonly Candidate[];
};

function withPeer(
  { judge }: Input,
  { peer, threshold }: VerifySettings,
  { first, stronger, cheap }: Others,
): Pick<CheckedSelection, 'verify' | 'rejected'> {
  const verify = { stronger, ...(threshold !== undefined && { threshold }) };
  const alone = { verify, rejected: [] };
  const taken = new Set<ModelRef>([first, ...stronger].map(({ model }) => model.ref));
  // Who is asked anyway is no second opinion.
  if (peer === false || (peer !== true && taken.has(peer))) return alone;
  if (peer === true) {
    const second = cheap().find(({ model }) => !taken.has(model.ref));
    return second ? { ...alone, verify: { ...verify, peer: second } } : alone;
  }
  const named = judge(peer);
  if (isRejection(named)) return { ...alone, rejected: [named] };
  return { ...alone, verify: { ...verify, peer: toCandidate(named, 'the peer') } };
}

/** The usable models of the nearest tier, the chosen one or above, that has some which the one asked first lacks. */
function strongerThan(base: Tier, chosen: Tier, input: Input): readonly Candidate[] {
  const weak = input.table.tiers[base];
  for (const tier of TIERS.slice(TIERS.indexOf(chosen))) {
    const list = listOfTier(tier, input.table);
    const stronger = candidatesOf({ ...list, refs: list.refs.filter((ref) => !weak.includes(ref)) }, input);
    if (stronger.length > 0) return stronger;
  }
  return [];
}

/**
 * The chosen tier stays: its models stand in when those asked first cannot answer, and where none of it can take the
 * request, so do those of the tier that would have been asked in its place.
 */
function withFirst(base: Tier, { selection, table, judge, strategy }: Input): Selection {
  const because = `${selection.because}, and tier ${base} is asked first`;
  const lists = siftLists(createSieve(judge, strategy), selection, table);
  return { ...selection, because, lists: [listOfTier(base, table), ...lists] };
}

function candidatesOf(list: ModelList, { judge, strategy }: Input): readonly Candidate[] {
  const sieve = createSieve(judge, strategy);
  sieve.sift(list);
  return sieve.candidates;
}

function lowerOf(one: Tier, other: Tier): Tier {
  return TIERS.indexOf(one) < TIERS.indexOf(other) ? one : other;
}

/** Below this tier, the nearest first. */
function lowerTiers(tier: Tier): readonly Tier[] {
  return TIERS.slice(0, TIERS.indexOf(tier)).toReversed();
}
