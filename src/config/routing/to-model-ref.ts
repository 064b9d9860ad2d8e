import { findFact } from '../../catalog/find-fact.ts';
import { type ModelRef, modelRef, parseModelRef } from '../../core/model.ts';
import { isModelName } from '../../core/model-name.ts';
import type { ProviderSettings } from '../../core/provider.ts';
import { nearestName } from '../../core/wording/nearest-name.ts';
import type { ConfigPath } from '../file/config-document.ts';
import { didYouMean, type Problems, shownName } from '../file/problems.ts';

export type RefContext = {
  readonly problems: Problems;
  readonly providers: readonly ProviderSettings[];
  /** Every provider the file names, whether or not its own entry is right. */
  readonly declared: ReadonlySet<string>;
  readonly aliasNames: ReadonlySet<string>;
};

/** A `provider/model` whose provider is declared; else undefined, and the fault is reported at `path`. */
export function toModelRef(name: string, path: ConfigPath, context: RefContext): ModelRef | undefined {
  const { problems, declared } = context;
  const parsed = parseModelRef(name);
  const written = problems.written(path, name);
  if (!parsed) {
    const hint = didYouMean(nearestName(name, context.aliasNames) ?? withProvider(name, context));
    problems.add(path, `"${written}" is neither provider/model nor an alias${hint}`);
    return undefined;
  }
  if (!declared.has(parsed.provider)) {
    problems.add(path, undeclaredProvider(written === name ? parsed.provider : written, declared));
    return undefined;
  }
  if (!isModelName(parsed.name)) {
    problems.add(path, 'the name of the model holds white space, "..", "://" or too many letters');
    return undefined;
  }
  return name as ModelRef;
}

export function undeclaredProvider(id: string, declared: ReadonlySet<string>): string {
  const known =
    declared.size === 0 ? '; none is declared' : `; declared are ${[...declared].map(shownName).join(', ')}`;
  const near = nearestName(id, declared);
  return `no provider "${shownName(id)}" is declared${near === undefined ? known : didYouMean(near)}`;
}

/** The same model with the provider that has it, for a name that was written bare. */
function withProvider(name: string, { providers }: RefContext): ModelRef | undefined {
  const owner = providers.find(({ kind }) => findFact(kind, name) !== undefined);
  return owner && modelRef(owner.id, name);
}
