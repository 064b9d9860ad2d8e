import { defaultRouting, type PulledModel } from '../../catalog/default-routing.ts';
import { fillTiers } from '../../catalog/fill-tiers.ts';
import type { ModelOverride } from '../../catalog/model-override.ts';
import type { ModelRef } from '../../core/model.ts';
import { TASKS, type Task, TIERS, type Tier } from '../../core/request.ts';
import type { RoutingTable } from '../../core/route-plan.ts';
import type { ConfigPath } from '../file/config-document.ts';
import type { ConfigInput } from '../schema/config-schema.ts';
import { resolveAliases } from './resolve-aliases.ts';
import { toCostTarget } from './to-cost-target.ts';
import { type RefContext, toModelRef } from './to-model-ref.ts';
import { toVerify } from './to-verify.ts';

type RoutingInput = ConfigInput['routing'];

type Context = Omit<RefContext, 'aliasNames'> & {
  readonly overrides: readonly ModelOverride[];
  readonly pulled: readonly PulledModel[];
  /** Of `limits`: what verification needs attempts of. */
  readonly attemptsMax: number | undefined;
};

/**
 * The routing table without its hash. Without `tiers` the default lists apply, to tasks and
 * fallback as well unless those are given: who writes tiers has chosen the models, and no default
 * may send a request elsewhere.
 */
export function toRouting(input: RoutingInput, context: Context): Omit<RoutingTable, 'configHash'> {
  const aliasInputs = input.aliases ?? {};
  const refContext = { ...context, aliasNames: new Set(Object.keys(aliasInputs)) };
  const aliases = resolveAliases(aliasInputs, refContext);
  const toList = (names: readonly string[] | undefined, path: ConfigPath) =>
    toRefs(names ?? [], path, { ...refContext, aliases });

  const tiers: Partial<Record<Tier, readonly ModelRef[]>> = {};
  for (const tier of TIERS) tiers[tier] = toList(input.tiers?.[tier], ['routing', 'tiers', tier]);
  const defaults = hasModels(input.tiers ?? {}) ? undefined : defaultRouting(context);
  const tasks: Partial<Record<Task, readonly ModelRef[]>> = { ...defaults?.tasks };
  for (const task of TASKS) {
    const refs = toList(input.tasks?.[task], ['routing', 'tasks', task]);
    if (refs.length > 0) tasks[task] = refs;
  }
  const verify = input.verify && toVerify(input.verify, { ...refContext, aliases, attemptsMax: context.attemptsMax });
  const costTarget = toCostTarget(input, { problems: context.problems, tiers: input.tiers });
  return {
    strategy: input.strategy,
    tiers: defaults?.tiers ?? fillTiers(tiers),
    tasks,
    fallback: input.fallback ? toList(input.fallback, ['routing', 'fallback']) : (defaults?.fallback ?? []),
    aliases: Object.fromEntries(aliases),
    ...(verify && { verify }),
    ...(costTarget && { costTarget }),
  };
}

/** Are there tiers, or do the defaults apply? */
export function hasModels(tiers: Readonly<Record<string, readonly string[] | undefined>>): boolean {
  return Object.values(tiers).some((names) => names !== undefined && names.length > 0);
}

type ListContext = RefContext & { readonly aliases: ReadonlyMap<string, ModelRef> };

function toRefs(names: readonly string[], path: ConfigPath, context: ListContext): readonly ModelRef[] {
  const { aliases, aliasNames, problems } = context;
  const refs = new Set<ModelRef>();
  for (const [index, name] of names.entries()) {
    // An alias that leads nowhere is reported where it is written.
    const ref = aliasNames.has(name) ? aliases.get(name) : toModelRef(name, [...path, index], context);
    if (ref === undefined) continue;
    if (refs.has(ref))
      problems.add([...path, index], `${problems.written([...path, index], name)} stands twice in this list`);
    refs.add(ref);
  }
  return [...refs];
}
