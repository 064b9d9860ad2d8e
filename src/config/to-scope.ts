import { type ModelRef, parseModelRef } from '../core/model.ts';
import { isModelName } from '../core/model-name.ts';
import { type QuotaScope, SCOPE_DIMENSIONS, type ScopeDimension } from '../core/quota.ts';
import { TASKS, TIERS } from '../core/request.ts';
import { nearestName } from '../core/wording/nearest-name.ts';
import type { ConfigPath } from './file/config-document.ts';
import { didYouMean, type Problems, shownName } from './file/problems.ts';
import { nameFault } from './schema/name-schema.ts';

export type ScopeContext = {
  readonly problems: Problems;
  /** Every provider of the file. */
  readonly declared: ReadonlySet<string>;
  readonly aliasNames: ReadonlySet<string>;
  readonly aliases: Readonly<Record<string, ModelRef>>;
  /** Of every provider, as `groq/primary`. */
  readonly keyNames: readonly string[];
};

const PLAIN = SCOPE_DIMENSIONS.filter((dimension) => dimension !== 'metadata');
const SCOPE_WORDS = [...PLAIN, 'metadata.<name>'].join(', ');

/** `global`, `provider`, `provider:openai`, `metadata.project`, `metadata.project:alpha`. */
export function toScope(text: string, path: ConfigPath, context: ScopeContext): QuotaScope | undefined {
  const { problems } = context;
  const colon = text.indexOf(':');
  const word = colon < 0 ? text : text.slice(0, colon);
  const value = colon < 0 ? undefined : text.slice(colon + 1);
  if (value === '') {
    problems.add(path, 'names nobody after the colon');
    return undefined;
  }
  if (word.startsWith('metadata.') && word.length > 'metadata.'.length) {
    return { by: 'metadata', metadataKey: word.slice('metadata.'.length), ...(value !== undefined && { value }) };
  }
  const by = PLAIN.find((dimension) => dimension === word);
  if (by === undefined) {
    problems.add(path, `must be one of ${SCOPE_WORDS}${didYouMean(nearestName(word, PLAIN))}`);
    return undefined;
  }
  if (by === 'global' && value !== undefined) {
    problems.add(path, '"global" is everybody: nothing may follow it');
    return undefined;
  }
  if (value === undefined) return { by };
  const known = toKnown(by, value, path, context);
  return known === undefined ? undefined : { by, value: known };
}

/** A limit for what is not there would hold nobody. Who calls is not known here: any name may come. */
function toKnown(by: ScopeDimension, value: string, path: ConfigPath, context: ScopeContext): string | undefined {
  if (by === 'model') return toKnownModel(value, path, context);
  const known = knownValues(by, context);
  const fault = known ? undefined : nameFault(value);
  if (fault !== undefined) context.problems.add(path, `what stands after the colon ${fault}`);
  if (!known || known.includes(value)) return value;
  context.problems.add(path, `there is no such ${by}; ${hintOf(value, known)}`);
  return undefined;
}

function toKnownModel(value: string, path: ConfigPath, context: ScopeContext): ModelRef | undefined {
  const { problems, aliases, aliasNames, declared } = context;
  // An alias that leads nowhere is reported where it is written.
  if (aliasNames.has(value)) return Object.hasOwn(aliases, value) ? aliases[value] : undefined;
  const parsed = parseModelRef(value);
  if (parsed && isModelName(parsed.name) && declared.has(parsed.provider)) return value as ModelRef;
  if (!parsed || !isModelName(parsed.name)) {
    problems.add(path, 'after the colon must stand a model as provider/model or alias');
  } else {
    problems.add(path, `the provider of this model is not declared; ${hintOf(parsed.provider, [...declared])}`);
  }
  return undefined;
}

function knownValues(by: ScopeDimension, { declared, keyNames }: ScopeContext): readonly string[] | undefined {
  switch (by) {
    case 'provider':
      return [...declared];
    case 'key':
      return keyNames;
    case 'task':
      return TASKS;
    case 'tier':
      return TIERS;
    default:
      return undefined;
  }
}

function hintOf(value: string, known: readonly string[]): string {
  const near = nearestName(value, known);
  if (near !== undefined) return `did you mean "${shownName(near)}"?`;
  return known.length === 0 ? 'there is none' : `known are ${known.map(shownName).join(', ')}`;
}
