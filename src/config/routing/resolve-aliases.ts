import type { ModelRef } from '../../core/model.ts';
import { shownName } from '../file/problems.ts';
import { type RefContext, toModelRef } from './to-model-ref.ts';

/** `auto` (in any case), `auto:cost` and `tier:expert` mean something else already; a slash means provider/model. */
const ALIAS_NAME = /^(?!auto$)[^\s/:\p{Cc}]{1,64}$/iu;

/**
 * Every alias with the model it stands for in the end. An alias may name another one; one that
 * comes back to itself is a fault, as is one that names no model.
 */
export function resolveAliases(
  inputs: Readonly<Record<string, string>>,
  context: RefContext,
): ReadonlyMap<string, ModelRef> {
  const { problems } = context;
  const names = new Map(Object.entries(inputs));
  const resolved = new Map<string, ModelRef>();
  for (const alias of names.keys()) {
    const path = ['routing', 'aliases', alias];
    if (!ALIAS_NAME.test(alias)) {
      problems.add(path, 'an alias is a word of up to 64 characters without "/" and ":", and not "auto"', 'key');
      continue;
    }
    const way = followAlias(alias, names);
    const last = way.at(-1) ?? alias;
    if (names.has(last)) {
      problems.add(path, `this alias goes round in a circle: ${way.map(shownName).join(' → ')}`);
      continue;
    }
    // A fault belongs to the alias that names the model, once, however many lead there.
    const ref = toModelRef(last, ['routing', 'aliases', way.at(-2) ?? alias], context);
    if (ref !== undefined) resolved.set(alias, ref);
  }
  return resolved;
}

/** The names from an alias to what is none, or to the first that comes again. */
function followAlias(alias: string, names: ReadonlyMap<string, string>): readonly string[] {
  const way = [alias];
  for (;;) {
    const next = names.get(way.at(-1) ?? '');
    if (next === undefined) return way;
    const seen = way.includes(next);
    way.push(next);
    if (seen) return way;
  }
}
